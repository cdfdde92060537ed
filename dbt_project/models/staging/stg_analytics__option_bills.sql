-- one row per account, option and bill
select
    account_id,
    option_id,
    bill_start_date,
    cost_cents
from {{ source("analytics", "option_bills") }}
