{{ config(materialized="view") }}
-- one row per meter, interval and replaced belief
select
    meter_id,
    interval_start_utc,
    interval_minutes,
    usage_date,
    {{ kwh("delivered_wh") }} as delivered_kwh,
    {{ kwh("received_wh") }} as received_kwh,
    quality_code,
    estimate_method,
    believed_from_utc,
    believed_to_utc,
    restatement_id
from {{ ref("stg_vee__read_versions") }}
