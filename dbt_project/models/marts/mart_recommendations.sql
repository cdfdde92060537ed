-- one row per served account and priority
with recommended as (
    select
        decided.account_id,
        ranked.place as priority,
        ranked.option_id,
        ranked.saving_usd,
        ranked.saving_usd_low,
        ranked.saving_usd_high,
        ranked.win_probability,
        decided.held_option_id,
        decided.comparability_code,
        cast('option_saves' as varchar) as reason_code,
        cast(null as varchar) as obstacle_code,
        cast(null as varchar) as other_option_id,
        cast(null as decimal(12, 2)) as other_saving_usd
    from {{ ref("int_recommendations_decided") }} as decided
    inner join {{ ref("int_option_candidates_ranked") }} as ranked on decided.account_id = ranked.account_id
    cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
    where
        decided.decision_code = 'option_saves'
        and ranked.is_worthwhile
        and ranked.is_likely
        and ranked.place <= rules.most_options
),

told as (
    select
        account_id,
        1 as priority,
        case when decision_code <> 'cannot_compare' then held_option_id end as option_id,
        case when decision_code <> 'cannot_compare' then cast(0 as decimal(12, 2)) end as saving_usd,
        case when decision_code <> 'cannot_compare' then cast(0 as decimal(12, 2)) end as saving_usd_low,
        case when decision_code <> 'cannot_compare' then cast(0 as decimal(12, 2)) end as saving_usd_high,
        cast(null as decimal(5, 4)) as win_probability,
        held_option_id,
        comparability_code,
        decision_code as reason_code,
        obstacle_code,
        case when decision_code = 'no_clear_winner' then best_option_id end as other_option_id,
        case when decision_code = 'no_clear_winner' then best_saving_usd end as other_saving_usd
    from {{ ref("int_recommendations_decided") }}
    where decision_code <> 'option_saves'
),

listed as (
    select * from recommended
    union all
    select * from told
),

named as (
    select
        listed.*,
        offers.option_name,
        offers.parts,
        offers.rate_code as option_rate_code,
        held.rate_code as held_rate_code,
        offers.option_type,
        offers.one_time_cents,
        rivals.option_name as other_option_name,
        coalesce(offers.is_illustrative, false) as is_illustrative
    from listed
    left join {{ ref("stg_analytics__options") }} as offers on listed.option_id = offers.option_id
    left join {{ ref("stg_analytics__options") }} as held on listed.held_option_id = held.option_id
    left join {{ ref("stg_analytics__options") }} as rivals on listed.other_option_id = rivals.option_id
),

coded as (
    select
        *,
        case
            when reason_code <> 'option_saves' then reason_code
            when option_rate_code = held_rate_code then 'join_program'
            when option_type = 'rate' then 'change_rate'
            else 'change_rate_and_join'
        end as explanation_code
    from named
)

select
    coded.account_id,
    cast(coded.priority as integer) as priority,
    coded.option_id,
    coded.saving_usd,
    coded.saving_usd_low,
    coded.saving_usd_high,
    {{ usd("coded.one_time_cents") }} as one_time_usd,
    coded.win_probability,
    coded.reason_code,
    coded.obstacle_code,
    coded.comparability_code,
    coded.comparability_code = 'provisional' as is_provisional,
    coded.is_illustrative,
    concat(
        case coded.explanation_code
            when 'cannot_compare' then concat('Options cannot be compared: ', coded.obstacle_code, '.')
            when
                'plan_is_best'
                then concat('Your plan is best: no option you can take saves enough to change from ', coded.parts, '.')
            when
                'no_clear_winner'
                then concat(
                        'No clear winner: ',
                        coded.other_option_name,
                        ' might save ',
                        cast(coded.other_saving_usd as varchar),
                        ' USD a year, but another year could turn out otherwise.'
                    )
            when
                'join_program'
                then concat(
                        'With ',
                        coded.parts,
                        ' the last year would have cost ',
                        cast(coded.saving_usd as varchar),
                        ' USD less at today''s prices; your rate stays.'
                    )
            else concat(
                    'With ',
                    coded.parts,
                    ' the last year would have cost ',
                    cast(coded.saving_usd as varchar),
                    ' USD less at today''s prices.'
                )
        end,
        case
            when
                coded.comparability_code = 'provisional'
                then ' Provisional: less than a year of reliable use is known.'
            else ''
        end,
        case when coded.is_illustrative then ' Rests on illustrative program figures.' else '' end
    ) as explanation,
    coded.explanation_code,
    concat(
        '{"option": "', {{ json_text("coded.option_name") }},
        '", "parts": "', {{ json_text("coded.parts") }},
        '", "saving_usd": "', coalesce(cast(coded.saving_usd as varchar), ''),
        '", "saving_usd_low": "', coalesce(cast(coded.saving_usd_low as varchar), ''),
        '", "saving_usd_high": "', coalesce(cast(coded.saving_usd_high as varchar), ''),
        '", "win_probability": "', coalesce(cast(coded.win_probability as varchar), ''),
        '", "other_option": "', {{ json_text("coded.other_option_name") }},
        '", "other_saving_usd": "', coalesce(cast(coded.other_saving_usd as varchar), ''),
        '", "obstacle": "', coalesce(coded.obstacle_code, ''),
        '", "price_as_of_date": "', cast(rules.price_as_of_date as varchar), '"}'
    ) as explanation_params,
    rules.price_as_of_date,
    rules.rule_version
from coded
cross join {{ ref("stg_analytics__recommendation_rules") }} as rules
