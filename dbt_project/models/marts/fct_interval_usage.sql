{{ config(materialized="view") }}
-- one row per meter and interval
select
    reads.meter_id,
    meters.account_id,
    meters.premise_id,
    reads.interval_start_utc,
    intervals.interval_start_local,
    reads.usage_date,
    intervals.local_hour,
    reads.interval_minutes,
    {{ kwh("reads.delivered_wh") }} as delivered_kwh,
    {{ kwh("reads.received_wh") }} as received_kwh,
    {{ average_kw("reads.delivered_wh", "reads.interval_minutes") }} as avg_kw,
    cast(null as decimal(5, 1)) as temperature_degc,
    reads.quality_code,
    reads.estimate_method,
    reads.known_at_utc
from {{ ref("stg_vee__interval_reads") }} as reads
left join {{ ref("dim_meters") }} as meters on reads.meter_id = meters.meter_id
left join {{ ref("dim_intervals") }} as intervals
    on
        meters.time_zone = intervals.time_zone
        and reads.interval_start_utc = intervals.interval_start_utc
