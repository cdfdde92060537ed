-- one row per option that customers can hold
select
    option_id,
    option_name,
    cast(option_type as varchar) as option_type,
    customer_type,
    rate_code,
    is_time_of_use,
    program_ids,
    cast(discount_code as varchar) as discount_code,
    parts,
    {{ usd("one_time_cents") }} as one_time_usd,
    is_priced,
    is_illustrative
from {{ ref("stg_analytics__options") }}
