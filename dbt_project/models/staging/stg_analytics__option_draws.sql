-- one row per account, option and draw
select
    account_id,
    option_id,
    draw,
    cost_cents
from {{ source("analytics", "option_draws") }}
