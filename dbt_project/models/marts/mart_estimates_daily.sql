-- one row per civil date, customer class, climate zone and method of estimation
with estimates as (
    select
        meter_id,
        usage_date,
        unnest(map_entries(estimated_interval_counts)) as estimated
    from {{ ref("int_meter_days_aggregated") }}
    where estimated_interval_count > 0
)

select
    estimates.usage_date,
    meters.customer_class,
    meters.climate_zone,
    estimates.estimated.key as estimate_method,
    cast(count(*) as integer) as meter_count,
    cast(sum(estimates.estimated.value) as bigint) as interval_count
from estimates
inner join {{ ref("stg_entities__meters") }} as meters on estimates.meter_id = meters.meter_id
group by estimates.usage_date, meters.customer_class, meters.climate_zone, estimates.estimated.key
