-- one row per civil date, customer class, climate zone and method of estimation
select
    estimates.usage_date,
    meters.customer_class,
    meters.climate_zone,
    estimates.estimate_method,
    cast(count(*) as integer) as meter_count,
    cast(sum(estimates.interval_count) as bigint) as interval_count
from {{ ref("int_meter_day_methods_counted") }} as estimates
inner join {{ ref("stg_entities__meters") }} as meters on estimates.meter_id = meters.meter_id
where estimates.interval_count > 0
group by estimates.usage_date, meters.customer_class, meters.climate_zone, estimates.estimate_method
