-- rows: months of accounts whose use in normal weather is unknown without a reason, or known with one
select
    account_id,
    usage_month
from {{ ref("fct_account_monthly_usage") }}
where (normalised_kwh is null) <> (normalised_reason_code is not null)
