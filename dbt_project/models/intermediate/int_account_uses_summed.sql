-- one row per account with whole bills: its use of that year by the hours that audits look at
with cells as (
    select
        cells.account_id,
        cells.week_start_date,
        cells.is_weekend,
        cells.local_hour,
        sum(cells.delivered_wh) as delivered_wh,
        sum(cells.interval_count) as interval_count,
        min(bills.interval_minutes) as interval_minutes
    from {{ ref("stg_analytics__usage_week_cells") }} as cells
    inner join {{ ref("stg_analytics__comparison_bills") }} as bills
        on cells.account_id = bills.account_id and cells.bill_start_date = bills.bill_start_date
    group by cells.account_id, cells.week_start_date, cells.is_weekend, cells.local_hour
),

nights as (
    select
        account_id,
        week_start_date,
        local_hour,
        sum(delivered_wh) * 60.0 / nullif(sum(interval_count * interval_minutes), 0) as hour_w
    from cells
    where local_hour between 1 and 4
    group by account_id, week_start_date, local_hour
),

quiet_hours as (
    select
        account_id,
        week_start_date,
        min(hour_w) as quiet_w
    from nights
    where hour_w is not null
    group by account_id, week_start_date
),

ranked as (
    select
        account_id,
        quiet_w,
        row_number() over (partition by account_id order by quiet_w) as quiet_rank,
        count(*) over (partition by account_id) as week_count
    from quiet_hours
),

bases as (
    select
        account_id,
        max(quiet_w) as base_w
    from ranked
    where quiet_rank <= ceil(0.1 * week_count)
    group by account_id
)

select
    cells.account_id,
    bases.base_w,
    sum(cells.delivered_wh) as delivered_wh,
    sum(case when cells.local_hour between 16 and 20 then cells.delivered_wh else 0 end) as on_peak_wh,
    sum(case when cells.is_weekend or cells.local_hour < 6 or cells.local_hour >= 22 then cells.delivered_wh else 0 end)
        as closed_wh
from cells
left join bases on cells.account_id = bases.account_id
group by cells.account_id, bases.base_w
