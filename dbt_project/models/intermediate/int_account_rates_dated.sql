-- one row per served account: since when it has its rate, and whether it moved to it from another one
with changes as (
    select
        account_id,
        rate_code,
        valid_from_date,
        service_start_date,
        is_current,
        lag(rate_code) over (partition by account_id order by valid_from_date) as earlier_rate_code
    from {{ ref("stg_entities__accounts") }}
),

latest as (
    select
        account_id,
        max(valid_from_date) as changed_date
    from changes
    where earlier_rate_code is not null and rate_code <> earlier_rate_code
    group by account_id
)

select
    changes.account_id,
    changes.rate_code,
    latest.changed_date as rate_changed_date
from changes
left join latest on changes.account_id = latest.account_id
where changes.is_current
