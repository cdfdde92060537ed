{{ config(materialized="table") }}
-- one row per account and civil date: energy is the sum of its top-level meters' days
-- demand and counts of several meters together come from their intervals, those of one meter from its day
with days as (
    select
        served.account_id,
        meter_days.usage_date,
        max(served.premise_id) as premise_id,
        max(served.account_meter_count) as meter_count,
        cast(sum(meter_days.delivered_kwh) as decimal(14, 3)) as delivered_kwh,
        cast(sum(meter_days.received_kwh) as decimal(14, 3)) as received_kwh,
        case when bool_and(meter_days.is_hourly) then cast(sum(meter_days.on_peak_kwh) as decimal(14, 3)) end
            as on_peak_kwh,
        bool_and(meter_days.is_hourly) as is_hourly,
        max(meter_days.peak_kw) as peak_kw,
        max(meter_days.interval_count) as interval_count,
        max(meter_days.expected_interval_count) as expected_interval_count,
        max(meter_days.estimated_interval_count) as estimated_interval_count,
        max(meter_days.valid_interval_count) as valid_interval_count,
        max(meter_days.known_minutes) as known_minutes
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    inner join {{ ref("stg_entities__meter_occupancy") }} as served
        on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
    where served.account_meter_count is not null
    group by served.account_id, meter_days.usage_date
)

select
    days.account_id,
    days.usage_date,
    days.premise_id,
    days.meter_count,
    days.delivered_kwh,
    days.received_kwh,
    days.on_peak_kwh,
    days.is_hourly,
    {%- for column in [
        "peak_kw", "interval_count", "expected_interval_count", "estimated_interval_count", "valid_interval_count",
        "known_minutes"
    ] %}
    case when days.meter_count = 1 then days.{{ column }} else combined.{{ column }} end as {{ column }},
    {%- endfor %}
    case when days.meter_count = 1 then days.delivered_kwh else combined.known_kwh end as known_kwh
from days
left join {{ ref("int_account_days_combined") }} as combined
    on days.account_id = combined.account_id and days.usage_date = combined.usage_date
