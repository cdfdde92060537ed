-- one row per meter installation period
with last_reads as (
    select
        meter_id,
        max(last_interval_start_utc) as last_interval_start_utc
    from {{ ref("stg_entities__meter_channels") }}
    group by meter_id
)

select
    meters.meter_id,
    cast(null as varchar) as account_id,
    cast(null as varchar) as premise_id,
    cast(null as varchar) as parent_meter_id,
    meters.interval_minutes,
    meters.time_zone,
    meters.customer_class,
    meters.has_received_channel,
    meters.installed_date,
    cast(null as date) as removed_date,
    last_reads.last_interval_start_utc
from {{ ref("stg_entities__meters") }} as meters
left join last_reads on meters.meter_id = last_reads.meter_id
