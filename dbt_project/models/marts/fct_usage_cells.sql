-- one row per account, bill segment, kind of day and local hour
select
    cells.account_id,
    cells.bill_start_date,
    cells.segment_start_date,
    min(cells.usage_month) as usage_month,
    case when cells.is_weekend then 'weekend' else 'weekday' end as day_type,
    cast(cells.local_hour as integer) as local_hour,
    {{ kwh("sum(cells.delivered_wh)") }} as delivered_kwh,
    {{ kwh("sum(cells.received_wh)") }} as received_kwh,
    {{ kwh("sum(cells.net_import_wh)") }} as net_import_kwh,
    {{ average_kw("max(cells.peak_wh)", "min(periods.interval_minutes)") }} as peak_kw,
    {{ average_kw("max(cells.net_peak_wh)", "min(periods.interval_minutes)") }} as net_peak_kw,
    cast(sum(cells.interval_count) as integer) as interval_count,
    cast(sum(cells.estimated_count) as integer) as estimated_interval_count
from {{ ref("stg_analytics__usage_week_cells") }} as cells
inner join {{ ref("stg_analytics__billing_periods") }} as periods
    on cells.account_id = periods.account_id and cells.bill_start_date = periods.bill_start_date
group by
    cells.account_id, cells.bill_start_date, cells.segment_start_date, cells.is_weekend, cells.local_hour
