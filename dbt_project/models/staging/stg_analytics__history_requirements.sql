-- one row per use of usage history
select
    requirement_code,
    month_count,
    day_count,
    minimum_valid_ratio
from {{ source("analytics", "history_requirements") }}
