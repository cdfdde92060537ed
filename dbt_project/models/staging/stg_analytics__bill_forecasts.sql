-- one row per account with a bill under way
select
    account_id,
    bill_start_date,
    bill_end_date,
    as_of_date,
    elapsed_day_count,
    day_count,
    to_date_cents,
    projected_cents,
    projected_cents_low,
    projected_cents_high,
    delivered_wh,
    projected_wh,
    reason_code
from {{ source("analytics", "bill_forecasts") }}
