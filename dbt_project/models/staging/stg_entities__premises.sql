-- one row per premise and validity period
select
    premise_id,
    zip_code,
    climate_zone,
    baseline_region,
    premise_type,
    floor_area_sqft,
    built_year,
    valid_from_date,
    valid_to_date,
    is_current
from {{ source("entities", "premises") }}
