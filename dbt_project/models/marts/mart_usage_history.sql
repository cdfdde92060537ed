-- one row per account that is served now: how much usage of its own there is
with requirement as (
    select
        month_count,
        day_count,
        minimum_valid_ratio
    from {{ ref("stg_analytics__history_requirements") }}
    where requirement_code = 'marketing'
),

accounts as (
    select distinct account_id
    from {{ ref("stg_entities__accounts") }}
    where is_current
),

days as (
    select
        account_id,
        usage_date,
        expected_interval_count,
        valid_interval_count,
        row_number() over (partition by account_id order by usage_date desc) as days_back
    from {{ ref("int_account_days_summed") }}
),

histories as (
    select
        days.account_id,
        min(days.usage_date) as first_usage_date,
        max(days.usage_date) as last_usage_date,
        count(*) as day_count,
        count(*) filter (where days.valid_interval_count = days.expected_interval_count) as valid_day_count,
        {{ ratio(
            "sum(days.valid_interval_count) filter (where days.days_back <= requirement.day_count)",
            "sum(days.expected_interval_count) filter (where days.days_back <= requirement.day_count)"
        ) }} as valid_ratio
    from days
    cross join requirement
    group by days.account_id
)

select
    accounts.account_id,
    histories.first_usage_date,
    histories.last_usage_date,
    cast(coalesce(histories.day_count, 0) as integer) as day_count,
    cast(coalesce(histories.valid_day_count, 0) as integer) as valid_day_count,
    histories.valid_ratio,
    cast(floor(coalesce(histories.day_count, 0) * requirement.month_count / requirement.day_count) as integer)
        as months_of_history,
    coalesce(
        histories.day_count >= requirement.day_count and histories.valid_ratio >= requirement.minimum_valid_ratio, false
    ) as has_13_months
from accounts
cross join requirement
left join histories on accounts.account_id = histories.account_id
