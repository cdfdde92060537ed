-- rows: dates on which the daily facts do not add up to the interval facts, to the watt-hour
with intervals as (
    select
        usage_date,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh,
        count(*) as interval_count
    from {{ ref("fct_interval_usage") }}
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

select coalesce(intervals.usage_date, days.usage_date) as usage_date
from intervals
full outer join days on intervals.usage_date = days.usage_date
where
    intervals.delivered_kwh is distinct from days.delivered_kwh
    or intervals.received_kwh is distinct from days.received_kwh
    or intervals.interval_count is distinct from days.interval_count
