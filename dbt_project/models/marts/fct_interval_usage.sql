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
    meters.account_id,
    meters.premise_id,
    reads.interval_start_utc,
    reads.interval_start_local,
    reads.usage_date,
    cast(extract(hour from reads.interval_start_local) as smallint) as local_hour,
    reads.interval_minutes,
    {{ kwh("reads.delivered_wh") }} as delivered_kwh,
    {{ kwh("reads.received_wh") }} as received_kwh,
    {{ average_kw("reads.delivered_wh", "reads.interval_minutes") }} as avg_kw,
    cast(null as decimal(5, 1)) as temperature_degc,
    reads.quality_code,
    reads.estimate_method,
    reads.known_at_utc
from reads
left join {{ ref("dim_meters") }} as meters on reads.meter_id = meters.meter_id
