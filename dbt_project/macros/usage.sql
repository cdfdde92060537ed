{# Wall clock at the start of a read, from the offset that is stored with it. #}
{% macro wall_clock(reads) -%}
    {{ reads }}.interval_start_utc + {{ reads }}.utc_offset_minutes * interval '1' minute
{%- endmacro %}

{# On-peak hours of the usage marts: 16 to 21 h on the wall clock every day, whatever the rate. #}
{% macro is_on_peak(wall_clock) -%}
    extract(hour from {{ wall_clock }}) between 16 and 20
{%- endmacro %}

{# Local month of a civil date, YYYY-MM. #}
{% macro month_of(day) -%}
    substring(cast({{ day }} as varchar), 1, 7)
{%- endmacro %}

{# A share of a count from 0 to 1, null of nothing. #}
{% macro ratio(part, whole) -%}
    cast({{ part }} * 1.0 / nullif({{ whole }}, 0) as decimal(7, 6))
{%- endmacro %}
