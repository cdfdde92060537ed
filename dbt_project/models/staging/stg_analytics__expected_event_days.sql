-- one row per program and date
select
    program_id,
    event_date,
    first_hour,
    end_hour,
    reference_dates
from {{ source("analytics", "expected_event_days") }}
