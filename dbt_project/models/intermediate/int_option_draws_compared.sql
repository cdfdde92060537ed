-- one row per account, eligible option with a cost, and draw: beside the plan held, and beside the cheapest of all
with drawn as (
    select
        draws.account_id,
        draws.option_id,
        draws.draw,
        judged.is_current,
        draws.cost_cents,
        min(draws.cost_cents) over (partition by draws.account_id, draws.draw) as least_cents
    from {{ ref("stg_analytics__option_draws") }} as draws
    inner join {{ ref("int_account_options_judged") }} as judged
        on
            draws.account_id = judged.account_id
            and draws.option_id = judged.option_id
    where judged.eligibility_code = 'eligible'
)

select
    drawn.account_id,
    drawn.option_id,
    drawn.draw,
    drawn.cost_cents,
    drawn.least_cents,
    held.cost_cents - drawn.cost_cents as saving_cents
from drawn
left join drawn as held
    on drawn.account_id = held.account_id and drawn.draw = held.draw and held.is_current
