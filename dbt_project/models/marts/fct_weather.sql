-- one row per climate zone and hour
select
    climate_zone,
    hour_start_utc,
    temperature_degc,
    dew_point_degc,
    irradiance_w_per_m2,
    station_count,
    is_estimated
from {{ ref("stg_entities__weather") }}
