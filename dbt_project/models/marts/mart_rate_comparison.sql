-- one row per account, option and behaviour
select
    priced.account_id,
    priced.option_id,
    priced.scenario_id,
    {{ usd("priced.cost_cents") }} as annual_cost_usd,
    {{ usd("priced.held_cents") }} as current_annual_cost_usd,
    cast(priced.billed_usd as decimal(12, 2)) as billed_last_12_months_usd,
    {{ usd("priced.held_cents - priced.cost_cents") }} as saving_usd,
    {{ usd("priced.saving_cents_low") }} as saving_usd_low,
    {{ usd("priced.saving_cents_high") }} as saving_usd_high,
    {{ usd("priced.highest_bill_cents") }} as highest_month_usd,
    {{ usd("priced.one_time_cents") }} as one_time_usd,
    {{ kwh("priced.delivered_wh") }} as annual_delivered_kwh,
    case
        when priced.eligibility_code = 'eligible' and priced.cost_cents is not null
            then cast(row_number() over (
                    partition by
                        priced.account_id, priced.scenario_id,
                        priced.eligibility_code = 'eligible' and priced.cost_cents is not null
                    order by priced.cost_cents asc, priced.is_current desc, priced.option_id asc
                ) as integer)
    end as rank,
    priced.eligibility_code = 'eligible' as is_eligible,
    priced.eligibility_code,
    coalesce(priced.requirement_code, priced.cost_reason_code) as reason_code,
    priced.is_current,
    cast(priced.win_probability as decimal(5, 4)) as win_probability,
    cast(priced.cheapest_probability as decimal(5, 4)) as cheapest_probability,
    priced.comparability_code,
    priced.is_illustrative,
    priced.first_date,
    priced.end_date,
    cast(priced.bill_count as integer) as bill_count,
    cast(priced.day_count as integer) as day_count,
    rules.price_as_of_date,
    rules.rule_version
from {{ ref("int_options_compared") }} as priced
cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
