-- one row per account and interval in which all its top-level meters can be added up
-- an account with one meter has its reads as they are; only the others pay for grouping
select
    served.account_id,
    reads.interval_start_utc,
    reads.interval_start_utc + reads.utc_offset_minutes * interval '1' minute as interval_start_local,
    reads.usage_date,
    reads.interval_minutes,
    served.account_meter_count,
    cast(reads.delivered_wh as bigint) as delivered_wh,
    cast(reads.received_wh as bigint) as received_wh,
    reads.delivered_wh is not null as is_delivered_known,
    reads.quality_code,
    reads.estimate_method,
    reads.known_at_utc
from {{ ref("stg_vee__interval_reads") }} as reads
inner join {{ ref("stg_entities__meter_occupancy") }} as served
    on reads.meter_id = served.meter_id and {{ in_period("reads.usage_date", "served") }}
where served.account_meter_count = 1

union all

select
    account_id,
    interval_start_utc,
    interval_start_local,
    usage_date,
    interval_minutes,
    account_meter_count,
    delivered_wh,
    received_wh,
    is_delivered_known,
    quality_code,
    estimate_method,
    known_at_utc
from {{ ref("int_account_intervals_combined") }}
