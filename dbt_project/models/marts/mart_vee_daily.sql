-- one row per civil date and validation rule
with reads as (
    select
        usage_date,
        sum(read_count) as read_count
    from {{ ref("stg_vee__meter_day_profiles") }}
    group by usage_date
),

failures as (
    select
        usage_date,
        rule_code,
        sum(failed_count) as failed_count,
        sum(estimated_count) as estimated_count,
        count(distinct meter_id) as meter_count
    from {{ ref("stg_vee__failures") }}
    group by usage_date, rule_code
)

select
    reads.usage_date,
    rules.rule_code,
    rules.rule_name,
    rules.severity_code,
    cast(reads.read_count as bigint) as read_count,
    cast(coalesce(failures.failed_count, 0) as bigint) as failed_count,
    cast(coalesce(failures.estimated_count, 0) as bigint) as estimated_count,
    cast(coalesce(failures.meter_count, 0) as bigint) as failed_meter_count
from reads
cross join {{ ref("stg_vee__rules") }} as rules
left join failures on reads.usage_date = failures.usage_date and rules.rule_code = failures.rule_code
