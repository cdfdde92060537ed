-- one row per served account and option of its class: whether it may have it, and the first reason why not
with candidates as (
    select
        compared.account_id,
        offers.option_id,
        compared.held_option_id is not null and compared.held_option_id = offers.option_id as is_current,
        offers.rate_code <> rates.rate_code
        and held.is_time_of_use
        and rates.rate_changed_date > rules.stay_since_date as must_stay
    from {{ ref("stg_analytics__comparison_accounts") }} as compared
    inner join {{ ref("stg_analytics__options") }} as offers on compared.customer_type = offers.customer_type
    inner join {{ ref("int_account_rates_dated") }} as rates on compared.account_id = rates.account_id
    cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
    left join {{ ref("stg_analytics__options") }} as held on compared.held_option_id = held.option_id
),

judged as (
    select
        account_id,
        option_id,
        min(case when eligibility_code = 'ineligible' then requirement_code end) as missing_code,
        min(case when eligibility_code = 'needs_answer' then requirement_code end) as asked_code
    from {{ ref("int_option_requirements_judged") }}
    group by account_id, option_id
)

select
    candidates.account_id,
    candidates.option_id,
    candidates.is_current,
    case
        when candidates.is_current then 'eligible'
        when coalesce(candidates.must_stay, false) or judged.missing_code is not null then 'ineligible'
        when judged.asked_code is not null then 'needs_answer'
        else 'eligible'
    end as eligibility_code,
    case
        when candidates.is_current then null
        when coalesce(candidates.must_stay, false) then 'minimum_stay'
        when judged.missing_code is not null then judged.missing_code
        else judged.asked_code
    end as requirement_code
from candidates
left join judged on candidates.account_id = judged.account_id and candidates.option_id = judged.option_id
