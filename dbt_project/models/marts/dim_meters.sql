-- one row per meter installation period
-- a meter that the customer system does not know is listed from its first read on
with last_reads as (
    select
        meter_id,
        max(last_interval_start_utc) as last_interval_start_utc
    from {{ ref("stg_entities__meter_channels") }}
    group by meter_id
),

installations as (
    select
        *,
        removed_date is null
        and lead(installed_date) over (partition by meter_id order by installed_date) is null as is_current
    from {{ ref("stg_entities__meter_installations") }}
)

select
    meters.meter_id,
    served.account_id,
    points.premise_id,
    installations.service_point_id,
    installations.parent_meter_id,
    meters.interval_minutes,
    meters.time_zone,
    meters.customer_class,
    meters.has_received_channel,
    installations.feeder_id,
    coalesce(installations.installed_date, meters.first_read_date) as installed_date,
    installations.removed_date,
    coalesce(installations.is_current, true) as is_current,
    last_reads.last_interval_start_utc
from {{ ref("stg_entities__meters") }} as meters
left join installations on meters.meter_id = installations.meter_id
left join {{ ref("stg_entities__service_points") }} as points
    on installations.service_point_id = points.service_point_id and points.is_current
left join {{ ref("stg_entities__meter_occupancy") }} as served
    on meters.meter_id = served.meter_id and installations.is_current and served.is_current
left join last_reads on meters.meter_id = last_reads.meter_id
