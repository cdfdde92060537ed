-- one row per option, part and requirement
select
    option_id,
    part_id,
    requirement_code,
    accepted_values,
    low_kw,
    high_kw
from {{ source("analytics", "option_requirements") }}
