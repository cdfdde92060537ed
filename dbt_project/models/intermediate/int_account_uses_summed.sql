-- one row per account with whole bills: its use of that year by the hours that audits look at
with cells as (
    select
        cells.account_id,
        cells.usage_month,
        cells.is_weekend,
        cells.local_hour,
        sum(cells.delivered_wh) as delivered_wh,
        sum(cells.interval_count) as interval_count,
        min(bills.interval_minutes) as interval_minutes
    from {{ ref("stg_analytics__usage_week_cells") }} as cells
    inner join {{ ref("stg_analytics__comparison_bills") }} as bills
        on cells.account_id = bills.account_id and cells.bill_start_date = bills.bill_start_date
    group by cells.account_id, cells.usage_month, cells.is_weekend, cells.local_hour
),

nights as (
    select
        account_id,
        usage_month,
        sum(delivered_wh) * 60.0 / nullif(sum(interval_count * interval_minutes), 0) as night_w
    from cells
    where local_hour between 1 and 4
    group by account_id, usage_month
),

bases as (
    select
        account_id,
        min(night_w) as base_w
    from nights
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
inner join bases on cells.account_id = bases.account_id
group by cells.account_id, bases.base_w
