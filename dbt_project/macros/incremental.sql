{# The dates of a query as a list of literals, so that files and row groups without them are not opened: a scan that is
   only joined to the dates would read all history. #}
{% macro literal_dates(query) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set found = run_query("select distinct cast(usage_date as varchar) as usage_date from (" ~ query ~ ") as d") -%}
    {%- endif -%}
    {%- for row in found %}{% if not loop.first %}, {% endif %}date '{{ row[0] }}'{% else %}null{% endfor -%}
{%- endmacro %}

{# Keys whose `inputs_text` is another than when they were built; it is null where the key is no longer among the inputs,
   and its row then to be deleted. Everything on a full refresh. #}
{% macro changed_inputs(inputs, keys) -%}
    {%- if is_incremental() %}
    select
        {%- for key in keys %}
        coalesce(inputs.{{ key }}, built.{{ key }}) as {{ key }},
        {%- endfor %}
        inputs.inputs_text
    from ({{ inputs }}) as inputs
    full outer join (select distinct {{ keys | join(", ") }}, inputs_text from {{ this }}) as built
        on {% for key in keys %}inputs.{{ key }} = built.{{ key }}{% if not loop.last %} and {% endif %}{% endfor %}
    where inputs.inputs_text is distinct from built.inputs_text
    {%- else %}
    select
        {{ keys | join(", ") }},
        inputs_text
    from ({{ inputs }}) as inputs
    {%- endif %}
{%- endmacro %}
