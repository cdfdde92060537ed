-- one row per account and local month
with days as (
    select
        account_days.*,
        {{ month_of("account_days.usage_date") }} as usage_month,
        degree_days.heating_degree_days,
        degree_days.cooling_degree_days
    from {{ ref("int_account_days_summed") }} as account_days
    left join {{ ref("dim_premises") }} as premises on account_days.premise_id = premises.premise_id
    left join {{ ref("stg_analytics__degree_days") }} as degree_days
        on premises.climate_zone = degree_days.climate_zone and account_days.usage_date = degree_days.usage_date
),

months as (
    select
        account_id,
        usage_month,
        {{ month_sums() }}
    from days
    group by account_id, usage_month
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
        served.account_id,
        {{ month_of("hours.usage_date") }} as usage_month,
        case when bool_and(hours.is_known) then cast(sum(hours.delivered_kwh) as decimal(14, 6)) end
            as coincident_peak_kw
    from {{ ref("int_meter_peak_hours_aggregated") }} as hours
    inner join {{ ref("stg_entities__meter_occupancy") }} as served
        on hours.meter_id = served.meter_id and {{ in_period("hours.usage_date", "served") }}
    where hours.has_intervals and served.account_meter_count is not null
    group by served.account_id, {{ month_of("hours.usage_date") }}
)

select
    months.account_id,
    months.usage_month,
    months.delivered_kwh,
    months.received_kwh,
    months.on_peak_kwh,
    months.peak_kw,
    months.average_kw,
    coincident.coincident_peak_kw,
    peaks.hour_start_utc as coincident_peak_start_utc,
    peaks.hour_start_local as coincident_peak_start_local,
    cast(months.delivered_kwh + {{ kwh("normalised.weather_adjustment_wh") }} as decimal(14, 3)) as normalised_kwh,
    case
        when months.delivered_kwh is null or normalised.account_id is null then 'no_usage'
        else normalised.reason_code
    end as normalised_reason_code,
    normalised.normal_year_count,
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
left join coincident on months.account_id = coincident.account_id and months.usage_month = coincident.usage_month
left join {{ ref("stg_analytics__normalised_usage") }} as normalised
    on months.account_id = normalised.account_id and months.usage_month = normalised.usage_month
