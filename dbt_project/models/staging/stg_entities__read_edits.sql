-- one row per manual edit
select
    edit_id,
    meter_id,
    channel_code,
    interval_start_utc,
    usage_date,
    action_code,
    edited_wh,
    reported_wh,
    actor,
    reason,
    recorded_at_utc
from {{ source("entities", "read_edits") }}
