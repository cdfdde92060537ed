{# The worse of two quality codes, null where neither channel exists. Worst first: N, Q, E, G, A, V. #}
{% macro worse_quality(left, right) -%}
    case
        {%- for code in ["N", "Q", "E", "G", "A", "V"] %}
        when coalesce({{ left }}, '') = '{{ code }}' or coalesce({{ right }}, '') = '{{ code }}' then '{{ code }}'
        {%- endfor %}
    end
{%- endmacro %}

{# The worst of many quality codes, as an aggregate; worst first as above. #}
{% macro worst_quality(code) -%}
    substring('NQEGAV', min(strpos('NQEGAV', {{ code }})), 1)
{%- endmacro %}
