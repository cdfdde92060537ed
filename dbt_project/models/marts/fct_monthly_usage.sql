-- one row per meter and local month
with days as (
    select
        meter_days.*,
        meter_days.delivered_kwh as known_kwh,
        {{ month_of("meter_days.usage_date") }} as usage_month,
        degree_days.heating_degree_days,
        degree_days.cooling_degree_days
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    left join {{ ref("bridge_meter_accounts") }} as served
        on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
    left join {{ ref("stg_analytics__degree_days") }} as degree_days
        on served.climate_zone = degree_days.climate_zone and meter_days.usage_date = degree_days.usage_date
),

months as (
    select
        meter_id,
        usage_month,
        {{ month_sums() }}
    from days
    group by meter_id, usage_month
),

peaks as (
    select
        usage_month,
        min(hour_start_utc) as hour_start_utc,
        min(hour_start_local) as hour_start_local
    from {{ ref("int_utility_peaks_ranked") }}
    group by usage_month
),

coincident as (
    select
        meter_id,
        {{ month_of("usage_date") }} as usage_month,
        case when bool_and(is_known) then cast(sum(delivered_kwh) as decimal(14, 6)) end as coincident_peak_kw
    from {{ ref("int_meter_peak_hours_aggregated") }}
    where has_intervals
    group by meter_id, {{ month_of("usage_date") }}
)

select
    months.meter_id,
    months.usage_month,
    months.delivered_kwh,
    months.received_kwh,
    months.on_peak_kwh,
    months.peak_kw,
    months.average_kw,
    coincident.coincident_peak_kw,
    peaks.hour_start_utc as coincident_peak_start_utc,
    peaks.hour_start_local as coincident_peak_start_local,
    months.heating_degree_days,
    months.cooling_degree_days,
    months.day_count,
    months.interval_count,
    months.expected_interval_count,
    months.estimated_interval_count,
    months.valid_interval_count,
    {{ ratio("months.estimated_interval_count", "months.expected_interval_count") }} as estimated_ratio,
    {{ ratio("months.valid_interval_count", "months.expected_interval_count") }} as valid_ratio
from months
left join peaks on months.usage_month = peaks.usage_month
left join coincident on months.meter_id = coincident.meter_id and months.usage_month = coincident.usage_month
