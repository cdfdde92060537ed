-- one row per meter and civil date
select
    meter_days.meter_id,
    served.account_id,
    served.premise_id,
    meter_days.usage_date,
    meter_days.delivered_kwh,
    meter_days.received_kwh,
    meter_days.on_peak_kwh,
    meter_days.peak_kw,
    meter_days.interval_count,
    meter_days.expected_interval_count,
    meter_days.estimated_interval_count,
    meter_days.valid_interval_count,
    meter_days.restatement_id
from {{ ref("int_meter_days_aggregated") }} as meter_days
left join {{ ref("bridge_meter_accounts") }} as served
    on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
