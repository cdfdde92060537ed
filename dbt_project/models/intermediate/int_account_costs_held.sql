-- one row per account that can be compared: what its plan costs at today's prices, and what was billed
with billed as (
    select
        compared.account_id,
        sum(bills.billed_usd) as billed_usd
    from {{ ref("stg_analytics__comparison_bills") }} as compared
    inner join {{ ref("stg_entities__bills") }} as bills on compared.bill_id = bills.bill_id
    group by compared.account_id
)

select
    compared.account_id,
    compared.held_option_id,
    compared.comparability_code,
    compared.first_date,
    compared.end_date,
    compared.bill_count,
    compared.day_count,
    priced.cost_cents as held_cents,
    billed.billed_usd,
    case
        when compared.bill_count < rules.full_bill_count then cast(365.0 / compared.day_count as double)
        else cast(1.0 as double)
    end as year_ratio
from {{ ref("stg_analytics__comparison_accounts") }} as compared
cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
left join {{ ref("stg_analytics__option_costs") }} as priced
    on
        compared.account_id = priced.account_id
        and compared.held_option_id = priced.option_id
        and priced.scenario_id = 'as_is'
left join billed on compared.account_id = billed.account_id
where compared.comparability_code in ('comparable', 'provisional')
