-- one row per run, meter and restated civil date
select
    restatement_id,
    meter_id,
    usage_date
from {{ source("vee", "restatements") }}
