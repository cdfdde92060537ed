{# Rows that share the grain which the model declares in config.meta.grain. #}
{% test unique_grain(model) %}
    {%- if execute %}
        {%- set node = graph.nodes.values() | selectattr("name", "equalto", model.identifier) | first %}
        {%- set grain = node.config.meta.grain %}
    {%- else %}
        {%- set grain = ["grain"] %}
    {%- endif %}
    select {{ grain | join(", ") }}
    from {{ model }}
    group by {{ grain | join(", ") }}
    having count(*) > 1
{% endtest %}
