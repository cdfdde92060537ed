{# Watt-hours to kWh, exactly: an integer times a decimal stays a decimal on every engine. #}
{% macro kwh(wh) -%}
    cast({{ wh }} * cast(0.001 as decimal(4, 3)) as decimal(14, 3))
{%- endmacro %}

{# Average kW of an interval from its watt-hours and minutes. #}
{% macro average_kw(wh, minutes) -%}
    cast({{ wh }} * 0.06 / {{ minutes }} as decimal(14, 6))
{%- endmacro %}

{# Dollars from cents, exactly. #}
{% macro usd(cents) -%}
    cast(({{ cents }}) * cast(0.01 as decimal(3, 2)) as decimal(12, 2))
{%- endmacro %}
