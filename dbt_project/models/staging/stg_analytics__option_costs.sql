-- one row per account, option and behaviour
select
    account_id,
    option_id,
    scenario_id,
    cost_cents,
    highest_bill_cents,
    delivered_wh,
    reason_code
from {{ source("analytics", "option_costs") }}
