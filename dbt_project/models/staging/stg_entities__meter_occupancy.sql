-- one row per meter and validity period
select
    meter_id,
    valid_from_date,
    valid_to_date,
    is_current,
    premise_id,
    account_id,
    is_top_level,
    account_meter_count,
    account_interval_minutes
from {{ source("entities", "meter_occupancy") }}
