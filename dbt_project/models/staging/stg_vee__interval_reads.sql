-- one row per meter and interval
select
    meter_id,
    interval_start_utc,
    interval_minutes,
    usage_date,
    utc_offset_minutes,
    delivered_wh,
    received_wh,
    {{ worse_quality("delivered_quality_code", "received_quality_code") }} as quality_code,
    coalesce(delivered_method_code, received_method_code) as estimate_method,
    known_at_utc
from {{ source("vee", "interval_reads") }}
