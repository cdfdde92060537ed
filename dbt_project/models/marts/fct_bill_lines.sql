-- one row per bill, origin and line: as billed, and as priced once more
select
    bill_id,
    'billed' as line_origin,
    cast(line_number as integer) as line_number,
    cast(line_code as varchar) as line_code,
    cast(null as varchar) as charge_code,
    line_text,
    cast(null as varchar) as season,
    cast(null as varchar) as period_code,
    cast(null as date) as first_date,
    cast(null as date) as last_date,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(unit as varchar) as unit,
    cast(price_usd as decimal(12, 5)) as price_usd,
    cast(amount_usd as decimal(12, 2)) as amount_usd
from {{ ref("stg_entities__bill_lines") }}
union all
select
    bill_id,
    'repriced' as line_origin,
    cast(line_number as integer) as line_number,
    line_code,
    charge_code,
    cast(null as varchar) as line_text,
    season,
    period_code,
    first_date,
    last_date,
    cast(quantity_milli * cast(0.001 as decimal(4, 3)) as decimal(18, 3)) as quantity,
    unit,
    cast(price * cast(0.00001 as decimal(6, 5)) as decimal(12, 5)) as price_usd,
    {{ usd("amount_cents") }} as amount_usd
from {{ ref("stg_analytics__repriced_lines") }}
