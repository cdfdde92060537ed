{{ config(materialized="table") }}
-- one row per account and eligible option with a cost: how its saving varies over redrawn years
with ranked as (
    select
        drawn.account_id,
        drawn.option_id,
        drawn.saving_cents,
        case when drawn.saving_cents is null then null when drawn.saving_cents > 0 then 1.0 else 0.0 end as wins,
        case when drawn.cost_cents <= drawn.least_cents + rules.tie_cents then 1.0 else 0.0 end as is_cheapest,
        row_number() over (
            partition by drawn.account_id, drawn.option_id order by drawn.saving_cents, drawn.draw
        ) as place,
        count(*) over (partition by drawn.account_id, drawn.option_id) as draw_count,
        rules.low_quantile,
        rules.high_quantile
    from {{ ref("int_option_draws_compared") }} as drawn
    cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
)

select
    account_id,
    option_id,
    cast(avg(wins) as double) as win_probability,
    cast(avg(is_cheapest) as double) as cheapest_probability,
    max(case when place = ceil(low_quantile * draw_count) then saving_cents end) as saving_cents_low,
    max(case when place = ceil(high_quantile * draw_count) then saving_cents end) as saving_cents_high
from ranked
group by account_id, option_id
