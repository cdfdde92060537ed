{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["meter_id", "usage_date"],
        on_schema_change="fail",
        post_hook="delete from {{ this }} where interval_count = 0 and restatement_id < (select max(restatement_id) from {{ this }})",
    )
}}
{% set restated %}
    select
        restatements.meter_id,
        restatements.usage_date,
        max(restatements.restatement_id) as restatement_id
    from {{ ref("stg_vee__restatements") }} as restatements
    {% if is_incremental() %}
    where restatements.restatement_id > (select coalesce(max(built.restatement_id), 0) from {{ this }} as built)
    {% endif %}
    group by restatements.meter_id, restatements.usage_date
{% endset %}
-- one row per meter, civil date and method of estimation
-- only restated meter-days are looked at again; one without estimates arrives with a count of 0, which is deleted once
-- it is not needed any more to tell the latest run
with restated as ({{ restated }}
),

estimates as (
    select
        meter_id,
        usage_date,
        estimate_method,
        count(*) as interval_count
    from {{ ref("stg_vee__interval_reads") }}
    where
        estimate_method is not null
        {% if is_incremental() %}
        and usage_date in ({{ literal_dates(restated) }})
        {% endif %}
    group by meter_id, usage_date, estimate_method
)

select
    restated.meter_id,
    restated.usage_date,
    estimates.estimate_method,
    cast(coalesce(estimates.interval_count, 0) as integer) as interval_count,
    restated.restatement_id
from restated
left join estimates on restated.meter_id = estimates.meter_id and restated.usage_date = estimates.usage_date
