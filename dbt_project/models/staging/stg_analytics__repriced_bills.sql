-- one row per bill of the customer system
select
    bill_id,
    account_id,
    bill_start_date,
    bill_end_date,
    issued_date,
    day_count,
    rate_code,
    is_estimated,
    billed_cents,
    repriced_cents,
    billed_delivered_wh,
    billed_received_wh,
    delivered_wh,
    received_wh,
    interval_count,
    expected_interval_count,
    estimated_interval_count,
    is_prorated,
    closing_credit_cents,
    reason_code
from {{ source("analytics", "repriced_bills") }}
