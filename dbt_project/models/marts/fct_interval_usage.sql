{{ config(materialized="view") }}
-- one row per meter and interval
-- the offset stored with each read gives the wall clock, so that asking needs no calendar join
with reads as (
    select
        *,
        interval_start_utc + utc_offset_minutes * interval '1' minute as interval_start_local
    from {{ ref("stg_vee__interval_reads") }}
)

select
    reads.meter_id,
    served.account_id,
    served.premise_id,
    reads.interval_start_utc,
    reads.interval_start_local,
    reads.usage_date,
    cast(extract(hour from reads.interval_start_local) as smallint) as local_hour,
    reads.interval_minutes,
    {{ kwh("reads.delivered_wh") }} as delivered_kwh,
    {{ kwh("reads.received_wh") }} as received_kwh,
    {{ average_kw("reads.delivered_wh", "reads.interval_minutes") }} as avg_kw,
    case when reads.interval_minutes <= 60 then weather.temperature_degc end as temperature_degc,
    reads.quality_code,
    reads.estimate_method,
    reads.known_at_utc
from reads
left join {{ ref("bridge_meter_accounts") }} as served
    on reads.meter_id = served.meter_id and {{ in_period("reads.usage_date", "served") }}
left join {{ ref("fct_weather") }} as weather
    on
        served.climate_zone = weather.climate_zone
        and date_trunc('hour', reads.interval_start_utc) = weather.hour_start_utc
