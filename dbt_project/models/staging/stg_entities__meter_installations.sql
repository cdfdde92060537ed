-- one row per meter and installation
select
    meter_id,
    installed_date,
    removed_date,
    service_point_id,
    parent_meter_id,
    interval_minutes,
    feeder_id
from {{ source("entities", "meter_installations") }}
