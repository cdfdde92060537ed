{# A text within the quotes of JSON. Characters by number, since engines differ in what a backslash means in a literal. #}
{% macro json_text(value) -%}
    replace(replace(coalesce({{ value }}, ''), chr(92), concat(chr(92), chr(92))), chr(34), concat(chr(92), chr(34)))
{%- endmacro %}
