-- one row: the build that is being made
select
    build_id,
    previous_build_id,
    built_at_utc,
    business_date,
    code_version,
    is_synthetic
from {{ source("entities", "builds") }}
