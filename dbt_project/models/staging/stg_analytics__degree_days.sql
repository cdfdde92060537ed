-- one row per climate zone and civil date
select
    climate_zone,
    usage_date,
    mean_temperature_degc,
    heating_degree_days,
    cooling_degree_days
from {{ source("analytics", "degree_days") }}
