-- one row per meter, channel and interval with an edit in force
select
    edit_id,
    reported_wh,
    reported_at_utc,
    is_contested
from {{ source("vee", "edits_in_force") }}
