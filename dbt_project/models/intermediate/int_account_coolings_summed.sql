-- one row per account with a weather model: its energy for cooling in the latest 365 days
with latest as (
    select max(usage_date) as last_date
    from {{ ref("stg_analytics__degree_days") }}
    where mean_temperature_degc is not null
)

select
    models.account_id,
    models.adjusted_r2_ratio,
    sum(
        coalesce(models.cooling_kwh_per_degree_day, 0)
        * case
            when weather.mean_temperature_degc > models.cooling_balance_degc
                then cast(weather.mean_temperature_degc - models.cooling_balance_degc as double)
            else 0
        end
    ) as cooling_kwh
from {{ ref("stg_analytics__usage_models") }} as models
cross join latest
inner join {{ ref("stg_analytics__degree_days") }} as weather
    on
        models.climate_zone = weather.climate_zone
        and weather.usage_date > latest.last_date - 365
        and latest.last_date >= weather.usage_date
where models.reason_code is null
group by models.account_id, models.adjusted_r2_ratio
