-- one row per served account: what is said to it, and why
select
    compared.account_id,
    compared.held_option_id,
    best.option_id as best_option_id,
    best.saving_usd as best_saving_usd,
    best.cheapest_probability as best_cheapest_probability,
    cast(comparability.comparability_code as varchar) as comparability_code,
    case
        when comparability.comparability_code not in ('comparable', 'provisional') then 'cannot_compare'
        when held.held_cents is null then 'cannot_compare'
        when best.option_id is null or not best.is_worthwhile then 'plan_is_best'
        when not best.is_clear or not best.is_likely then 'no_clear_winner'
        else 'option_saves'
    end as decision_code,
    case
        when comparability.comparability_code not in ('comparable', 'provisional')
            then cast(comparability.comparability_code as varchar)
        when held.held_cents is null then 'current_cost_unknown'
    end as obstacle_code
from {{ ref("stg_analytics__comparison_accounts") }} as compared
inner join {{ ref("int_accounts_comparability_judged") }} as comparability
    on compared.account_id = comparability.account_id
left join {{ ref("int_account_costs_held") }} as held on compared.account_id = held.account_id
left join {{ ref("int_option_candidates_ranked") }} as best
    on compared.account_id = best.account_id and best.place = 1
