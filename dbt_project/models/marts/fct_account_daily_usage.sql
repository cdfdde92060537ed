-- one row per account and civil date: energy is the sum of its top-level meters' days
-- demand and counts of several meters together come from their intervals, those of one meter from its day
with days as (
    select
        served.account_id,
        meter_days.usage_date,
        max(served.account_meter_count) as meter_count,
        cast(sum(meter_days.delivered_kwh) as decimal(14, 3)) as delivered_kwh,
        cast(sum(meter_days.received_kwh) as decimal(14, 3)) as received_kwh,
        max(meter_days.peak_kw) as peak_kw,
        max(meter_days.interval_count) as interval_count,
        max(meter_days.expected_interval_count) as expected_interval_count,
        max(meter_days.estimated_interval_count) as estimated_interval_count
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    inner join {{ ref("stg_entities__meter_occupancy") }} as served
        on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
    where served.account_meter_count is not null
    group by served.account_id, meter_days.usage_date
)

select
    days.account_id,
    days.usage_date,
    days.delivered_kwh,
    days.received_kwh,
    case when days.meter_count = 1 then days.peak_kw else combined.peak_kw end as peak_kw,
    cast(case when days.meter_count = 1 then days.interval_count else combined.interval_count end as integer)
        as interval_count,
    cast(
        case when days.meter_count = 1 then days.expected_interval_count else combined.expected_interval_count end
        as integer
    ) as expected_interval_count,
    cast(
        case when days.meter_count = 1 then days.estimated_interval_count else combined.estimated_interval_count end
        as integer
    ) as estimated_interval_count,
    days.meter_count
from days
left join {{ ref("int_account_days_combined") }} as combined
    on days.account_id = combined.account_id and days.usage_date = combined.usage_date
