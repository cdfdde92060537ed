-- one row per civil date and run that judged it
with restated as (
    select
        meter_id,
        usage_date,
        restatement_id,
        min(restatement_id) over (partition by meter_id, usage_date) as first_restatement_id
    from {{ ref("stg_vee__restatements") }}
),

days as (
    select
        usage_date,
        restatement_id,
        count(*) filter (where restatement_id = first_restatement_id) as new_count,
        count(*) filter (where restatement_id > first_restatement_id) as restated_count
    from restated
    group by usage_date, restatement_id
),

versions as (
    select
        usage_date,
        restatement_id,
        count(*) as replaced_count
    from {{ ref("stg_vee__read_versions") }}
    group by usage_date, restatement_id
)

select
    days.usage_date,
    days.restatement_id,
    cast(days.new_count as integer) as new_meter_day_count,
    cast(days.restated_count as integer) as restated_meter_day_count,
    cast(coalesce(versions.replaced_count, 0) as bigint) as replaced_interval_count
from days
left join versions on days.usage_date = versions.usage_date and days.restatement_id = versions.restatement_id
