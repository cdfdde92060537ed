-- one row per device
select
    device_id,
    premise_id,
    device_type,
    device_model,
    can_display_text,
    is_display_known,
    is_controllable,
    registered_at_utc,
    removed_at_utc,
    source_system,
    source_count,
    conflict_count
from {{ source("entities", "devices") }}
