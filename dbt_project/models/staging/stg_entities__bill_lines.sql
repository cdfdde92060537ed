-- one row per line of a bill
select
    bill_id,
    line_number,
    line_code,
    line_text,
    quantity,
    unit,
    price_usd,
    amount_usd
from {{ source("entities", "bill_lines") }}
