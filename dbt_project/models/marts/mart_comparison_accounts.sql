-- one row per served account: whether its options can be compared, and over which time
select
    compared.account_id,
    compared.customer_type,
    compared.rate_code,
    compared.held_option_id,
    judged.comparability_code,
    judged.comparability_code in ('comparable', 'provisional') as is_comparable,
    cast(judged.told_bill_count as integer) as told_bill_count,
    cast(judged.alike_bill_count as integer) as alike_bill_count,
    compared.first_date,
    compared.end_date,
    cast(compared.bill_count as integer) as bill_count,
    cast(compared.day_count as integer) as day_count,
    compared.interval_minutes,
    {{ average_kw("compared.peak_wh", "compared.interval_minutes") }} as peak_kw,
    compared.actual_ratio,
    cast(compared.cooling_tons_milli * cast(0.001 as decimal(4, 3)) as decimal(9, 3)) as cooling_tons
from {{ ref("stg_analytics__comparison_accounts") }} as compared
inner join {{ ref("int_accounts_comparability_judged") }} as judged on compared.account_id = judged.account_id
