{# True where a local date lies in a period whose open end is null. #}
{% macro in_period(day, period) -%}
    {{ day }} >= {{ period }}.valid_from_date
    and {{ day }} < coalesce({{ period }}.valid_to_date, date '9999-12-31')
{%- endmacro %}
