-- one row per bill and line
select
    bill_id,
    line_number,
    line_code,
    charge_code,
    season,
    period_code,
    first_date,
    last_date,
    quantity_milli,
    unit,
    price,
    amount_cents
from {{ source("analytics", "repriced_lines") }}
