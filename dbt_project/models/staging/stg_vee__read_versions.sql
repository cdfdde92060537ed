-- one row per meter, interval and replaced belief
select
    meter_id,
    interval_start_utc,
    interval_minutes,
    usage_date,
    delivered_wh,
    received_wh,
    {{ worse_quality("delivered_quality_code", "received_quality_code") }} as quality_code,
    coalesce(delivered_method_code, received_method_code) as estimate_method,
    believed_from_utc,
    believed_to_utc,
    restatement_id
from {{ source("vee", "read_versions") }}
