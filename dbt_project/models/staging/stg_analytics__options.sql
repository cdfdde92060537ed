-- one row per option
select
    option_id,
    option_name,
    option_type,
    customer_type,
    rate_code,
    is_time_of_use,
    program_ids,
    discount_code,
    parts,
    part_count,
    one_time_cents,
    is_priced,
    is_illustrative
from {{ source("analytics", "options") }}
