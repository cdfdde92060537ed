-- one row per bill
select
    bill_id,
    account_id,
    bill_start_date,
    bill_end_date,
    issued_date,
    rate_code,
    delivered_kwh,
    received_kwh,
    is_estimated,
    billed_usd
from {{ source("entities", "bills") }}
