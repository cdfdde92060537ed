-- one row per meter
select
    meter_id,
    time_zone,
    interval_minutes,
    customer_class,
    climate_zone,
    is_synthetic,
    first_read_date,
    last_read_date,
    has_received_channel
from {{ source("entities", "meters") }}
