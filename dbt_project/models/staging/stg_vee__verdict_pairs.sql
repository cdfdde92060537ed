-- one row per meter, channel, civil date and pair of verdicts
select
    meter_id,
    channel_code,
    usage_date,
    own_verdict,
    mdms_verdict,
    interval_count
from {{ source("vee", "verdict_pairs") }}
