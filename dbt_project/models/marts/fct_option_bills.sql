-- one row per account, option and bill of the year compared, priced as it was used at the prices of the as-of date
select
    bills.account_id,
    bills.option_id,
    bills.bill_start_date,
    compared.bill_end_date,
    compared.bill_id,
    {{ month_of("bills.bill_start_date") }} as usage_month,
    {{ usd("bills.cost_cents") }} as cost_usd
from {{ ref("stg_analytics__option_bills") }} as bills
inner join {{ ref("stg_analytics__comparison_bills") }} as compared
    on bills.account_id = compared.account_id and bills.bill_start_date = compared.bill_start_date
