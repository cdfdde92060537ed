-- one row per account and eligible option other than the one held, by what it saves with use as it was; savings that
-- are nearly equal go by the smaller risk of being worse off, then by the fewer parts
with candidates as (
    select
        account_id,
        option_id,
        held_cents,
        held_cents - cost_cents as saving_cents,
        saving_cents_low,
        saving_cents_high,
        win_probability,
        cheapest_probability,
        max(held_cents - cost_cents) over (partition by account_id) as best_saving_cents
    from {{ ref("int_options_compared") }}
    where
        scenario_id = 'as_is'
        and eligibility_code = 'eligible'
        and not is_current
        and cost_cents is not null
        and held_cents is not null
        and win_probability is not null
)

select
    candidates.account_id,
    candidates.option_id,
    {{ usd("candidates.saving_cents") }} as saving_usd,
    {{ usd("candidates.saving_cents_low") }} as saving_usd_low,
    {{ usd("candidates.saving_cents_high") }} as saving_usd_high,
    candidates.win_probability,
    candidates.cheapest_probability,
    candidates.saving_cents >= rules.minimum_saving_cents
    and candidates.saving_cents >= candidates.held_cents * rules.minimum_saving_ratio as is_worthwhile,
    candidates.win_probability >= rules.minimum_win_probability as is_likely,
    candidates.cheapest_probability >= rules.minimum_win_probability as is_clear,
    row_number() over (
        partition by candidates.account_id
        order by
            case
                when candidates.saving_cents >= candidates.best_saving_cents - rules.tie_cents then 0 else 1
            end,
            case
                when candidates.saving_cents >= candidates.best_saving_cents - rules.tie_cents
                    then 1 - candidates.win_probability
                else 0
            end,
            case
                when candidates.saving_cents >= candidates.best_saving_cents - rules.tie_cents then offers.part_count
                else 0
            end,
            candidates.saving_cents desc,
            candidates.option_id asc
    ) as place
from candidates
inner join {{ ref("stg_analytics__options") }} as offers on candidates.option_id = offers.option_id
cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
