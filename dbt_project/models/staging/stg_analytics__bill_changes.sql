-- one row per bill, earlier bill and cause
select
    bill_id,
    comparison_code,
    cause_code,
    earlier_bill_id,
    amount_cents,
    reason_code
from {{ source("analytics", "bill_changes") }}
