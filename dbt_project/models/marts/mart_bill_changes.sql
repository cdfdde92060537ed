-- one row per bill, earlier bill and cause
select
    changes.bill_id,
    cast(changes.comparison_code as varchar) as comparison_code,
    cast(changes.cause_code as varchar) as cause_code,
    bills.account_id,
    changes.earlier_bill_id,
    {{ usd("bills.billed_cents") }} as billed_usd,
    {{ usd("earlier.billed_cents") }} as earlier_billed_usd,
    {{ usd("changes.amount_cents") }} as amount_usd,
    cast(changes.reason_code as varchar) as reason_code
from {{ ref("stg_analytics__bill_changes") }} as changes
inner join {{ ref("stg_analytics__repriced_bills") }} as bills on changes.bill_id = bills.bill_id
left join {{ ref("stg_analytics__repriced_bills") }} as earlier on changes.earlier_bill_id = earlier.bill_id
