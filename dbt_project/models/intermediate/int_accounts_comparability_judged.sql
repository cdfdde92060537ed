-- one row per served account: whether it can be compared, now that its bills came out alike or not; bills of energy
-- other than that of the reads cannot tell
with told as (
    select
        compared.account_id,
        count(*) as bill_count,
        sum(
            case
                when
                    abs(bills.billed_cents - bills.repriced_cents)
                    <= greatest(rules.tolerance_cents, rules.tolerance_ratio * abs(bills.billed_cents))
                    then 1
                else 0
            end
        ) as alike_count,
        min(rules.minimum_reproduced_ratio) as minimum_ratio
    from {{ ref("stg_analytics__comparison_bills") }} as compared
    inner join {{ ref("stg_analytics__repriced_bills") }} as bills on compared.bill_id = bills.bill_id
    cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
    where
        bills.reason_code is null
        or bills.reason_code not in ('estimated_by_css', 'reads_estimated', 'reads_changed')
    group by compared.account_id
)

select
    compared.account_id,
    told.bill_count as told_bill_count,
    told.alike_count as alike_bill_count,
    case
        when
            compared.comparability_code in ('comparable', 'provisional')
            and told.alike_count < told.minimum_ratio * told.bill_count
            then 'bills_not_reproduced'
        when compared.comparability_code = 'comparable' and told.bill_count is null then 'provisional'
        else cast(compared.comparability_code as varchar)
    end as comparability_code
from {{ ref("stg_analytics__comparison_accounts") }} as compared
left join told on compared.account_id = told.account_id
