{{ config(materialized="view") }}
-- one row per account and interval of its coarsest meter
select
    account_id,
    interval_start_utc,
    interval_start_local,
    usage_date,
    cast(extract(hour from interval_start_local) as smallint) as local_hour,
    interval_minutes,
    {{ kwh("delivered_wh") }} as delivered_kwh,
    {{ kwh("received_wh") }} as received_kwh,
    case when is_delivered_known then {{ average_kw("delivered_wh", "interval_minutes") }} end as avg_kw,
    quality_code,
    estimate_method,
    account_meter_count as meter_count,
    known_at_utc
from {{ ref("int_account_intervals_summed") }}
