{{ config(materialized="table") }}
-- one row per local month and civil date that holds a part of the month's peak hour: one date within one time zone
-- the peak is the hour with the largest net load of the utility, of equal ones the earliest
with hours as (
    select
        {{ month_of("usage_date") }} as usage_month,
        hour_start_utc,
        sum(net_wh) as net_wh
    from {{ ref("int_utility_hours_summed") }}
    where hour_start_utc is not null
    group by {{ month_of("usage_date") }}, hour_start_utc
),

ranked as (
    select
        *,
        row_number() over (partition by usage_month order by net_wh desc, hour_start_utc asc) as peak_rank
    from hours
)

select
    ranked.usage_month,
    clocks.usage_date,
    ranked.hour_start_utc,
    min(clocks.hour_start_local) as hour_start_local,
    {{ average_kw("max(ranked.net_wh)", 60) }} as net_kw
from ranked
inner join {{ ref("int_utility_hours_summed") }} as clocks
    on
        ranked.hour_start_utc = clocks.hour_start_utc
        and ranked.usage_month = {{ month_of("clocks.usage_date") }}
where ranked.peak_rank = 1
group by ranked.usage_month, clocks.usage_date, ranked.hour_start_utc
