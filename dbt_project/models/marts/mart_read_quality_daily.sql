-- one row per civil date, customer class and climate zone
with received as (
    select
        meter_id,
        usage_date,
        sum(expected_count) as expected_count,
        sum(read_count) as read_count
    from {{ ref("stg_vee__meter_day_profiles") }}
    group by meter_id, usage_date
)

select
    meter_days.usage_date,
    meters.customer_class,
    meters.climate_zone,
    cast(count(*) as integer) as meter_count,
    cast(sum(received.expected_count) as bigint) as expected_read_count,
    cast(sum(received.read_count) as bigint) as received_read_count,
    cast(sum(meter_days.expected_interval_count) as bigint) as expected_interval_count,
    cast(sum(meter_days.valid_interval_count) as bigint) as valid_interval_count,
    cast(sum(meter_days.estimated_interval_count) as bigint) as estimated_interval_count,
    cast(sum(meter_days.expected_interval_count - meter_days.interval_count) as bigint) as unknown_interval_count
from {{ ref("int_meter_days_aggregated") }} as meter_days
inner join {{ ref("stg_entities__meters") }} as meters on meter_days.meter_id = meters.meter_id
inner join received on meter_days.meter_id = received.meter_id and meter_days.usage_date = received.usage_date
group by meter_days.usage_date, meters.customer_class, meters.climate_zone
