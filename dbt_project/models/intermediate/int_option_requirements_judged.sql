-- one row per served account, option, part and requirement: whether it is met, is not, or has to be asked
with accounts as (
    select
        compared.account_id,
        compared.customer_type,
        compared.held_option_id,
        contracts.tenure_type,
        contracts.is_medical_baseline,
        contracts.has_net_metering,
        compared.peak_wh * 60.0 / compared.interval_minutes / 1000.0 as peak_kw
    from {{ ref("stg_analytics__comparison_accounts") }} as compared
    inner join {{ ref("stg_entities__accounts") }} as contracts
        on compared.account_id = contracts.account_id and contracts.is_current
),

asked as (
    select
        accounts.account_id,
        accounts.tenure_type,
        accounts.is_medical_baseline,
        accounts.has_net_metering,
        accounts.peak_kw,
        offers.option_id,
        requirements.part_id,
        requirements.requirement_code,
        requirements.accepted_values,
        requirements.low_kw,
        requirements.high_kw
    from accounts
    inner join {{ ref("stg_analytics__options") }} as offers on accounts.customer_type = offers.customer_type
    inner join {{ ref("stg_analytics__option_requirements") }} as requirements
        on offers.option_id = requirements.option_id
),

found as (
    select distinct
        asked.account_id,
        asked.option_id,
        asked.part_id,
        asked.requirement_code
    from asked
    inner join {{ ref("int_account_features_listed") }} as features
        on
            asked.account_id = features.account_id
            and asked.requirement_code = features.feature_kind
            and concat(',', asked.accepted_values, ',') like concat('%,', features.feature_code, ',%')
)

select
    asked.account_id,
    asked.option_id,
    asked.part_id,
    asked.requirement_code,
    case asked.requirement_code
        when 'demand'
            then case
                    when asked.peak_kw is null then 'needs_answer'
                    when asked.peak_kw > asked.low_kw and asked.peak_kw <= asked.high_kw then 'eligible'
                    when asked.peak_kw = 0 and asked.low_kw = 0 then 'eligible'
                    else 'ineligible'
                end
        when 'minimum_load'
            then case
                    when asked.peak_kw is null then 'needs_answer'
                    when asked.peak_kw >= asked.low_kw then 'eligible'
                    else 'ineligible'
                end
        when 'no_net_metering'
            then case
                    when asked.has_net_metering is null then 'needs_answer'
                    when asked.has_net_metering then 'ineligible'
                    else 'eligible'
                end
        when 'no_medical_baseline'
            then case
                    when asked.is_medical_baseline is null then 'needs_answer'
                    when asked.is_medical_baseline then 'ineligible'
                    else 'eligible'
                end
        when 'tenure'
            then case
                    when asked.tenure_type is null then 'needs_answer'
                    when
                        concat(',', asked.accepted_values, ',')
                        like concat('%,', cast(asked.tenure_type as varchar), ',%')
                        then 'eligible'
                    else 'ineligible'
                end
        when 'income' then 'needs_answer'
        when 'rate' then 'ineligible'
        when 'exclusive' then 'ineligible'
        else case when found.account_id is null then 'needs_answer' else 'eligible' end
    end as eligibility_code
from asked
left join found
    on
        asked.account_id = found.account_id
        and asked.option_id = found.option_id
        and asked.part_id = found.part_id
        and asked.requirement_code = found.requirement_code
