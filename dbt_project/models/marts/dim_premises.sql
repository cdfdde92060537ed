-- one row per premise, as it is now
select
    premise_id,
    zip_code,
    climate_zone,
    baseline_region,
    premise_type,
    floor_area_sqft,
    built_year,
    'CSS' as source_system
from {{ ref("stg_entities__premises") }}
where is_current
