-- one row: the build
select
    build_id,
    previous_build_id,
    built_at_utc,
    business_date,
    code_version,
    is_synthetic
from {{ ref("stg_entities__builds") }}
