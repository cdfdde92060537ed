-- one row per landing file
select
    file_id,
    sha256,
    file_name,
    feed,
    container_file_id,
    format_code,
    status_code,
    received_at_utc,
    system_code,
    utility_code,
    first_business_date,
    business_date,
    sent_at_utc,
    sent_count,
    loaded_count,
    quarantined_count,
    first_interval_start_utc,
    last_interval_start_utc,
    reason
from {{ source("raw", "files") }}
