{{ config(materialized="table") }}
-- one row per account, option and behaviour: costs of a year in cents, beside the plan held
select
    priced.account_id,
    priced.option_id,
    priced.scenario_id,
    cast(comparability.comparability_code as varchar) as comparability_code,
    held.first_date,
    held.end_date,
    held.bill_count,
    held.day_count,
    judged.is_current,
    judged.eligibility_code,
    judged.requirement_code,
    cast(priced.reason_code as varchar) as cost_reason_code,
    offers.one_time_cents,
    offers.is_illustrative or scenarios.is_illustrative as is_illustrative,
    cast(round(priced.cost_cents * held.year_ratio) as bigint) as cost_cents,
    cast(round(held.held_cents * held.year_ratio) as bigint) as held_cents,
    priced.highest_bill_cents,
    cast(round(priced.delivered_wh * held.year_ratio) as bigint) as delivered_wh,
    held.billed_usd,
    case when priced.scenario_id = 'as_is' then draws.win_probability end as win_probability,
    case when priced.scenario_id = 'as_is' then draws.cheapest_probability end as cheapest_probability,
    case
        when priced.scenario_id = 'as_is' then cast(round(draws.saving_cents_low * held.year_ratio) as bigint)
    end as saving_cents_low,
    case
        when priced.scenario_id = 'as_is' then cast(round(draws.saving_cents_high * held.year_ratio) as bigint)
    end as saving_cents_high
from {{ ref("stg_analytics__option_costs") }} as priced
inner join {{ ref("int_account_costs_held") }} as held on priced.account_id = held.account_id
inner join {{ ref("int_accounts_comparability_judged") }} as comparability
    on priced.account_id = comparability.account_id
inner join {{ ref("int_account_options_judged") }} as judged
    on priced.account_id = judged.account_id and priced.option_id = judged.option_id
left join {{ ref("int_option_draws_summed") }} as draws
    on priced.account_id = draws.account_id and priced.option_id = draws.option_id
inner join {{ ref("stg_analytics__options") }} as offers on priced.option_id = offers.option_id
inner join {{ ref("stg_analytics__scenarios") }} as scenarios on priced.scenario_id = scenarios.scenario_id
