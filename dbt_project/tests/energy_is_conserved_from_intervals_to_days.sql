-- rows: dates on which the daily facts do not add up to the reads after VEE, to the watt-hour
with reads as (
    select
        usage_date,
        {{ kwh("sum(cast(delivered_wh as bigint))") }} as delivered_kwh,
        {{ kwh("sum(cast(received_wh as bigint))") }} as received_kwh,
        count(*) as interval_count
    from {{ ref("stg_vee__interval_reads") }}
    group by usage_date
),

days as (
    select
        usage_date,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh,
        sum(expected_interval_count) as interval_count
    from {{ ref("fct_daily_usage") }}
    group by usage_date
)

select coalesce(reads.usage_date, days.usage_date) as usage_date
from reads
full outer join days on reads.usage_date = days.usage_date
where
    reads.delivered_kwh is distinct from days.delivered_kwh
    or reads.received_kwh is distinct from days.received_kwh
    or reads.interval_count is distinct from days.interval_count
