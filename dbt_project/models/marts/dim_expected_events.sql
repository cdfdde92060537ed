-- one row per program and date on which an event may come
select
    program_id,
    event_date,
    cast(first_hour as integer) as first_hour,
    cast(end_hour as integer) as end_hour,
    reference_dates,
    true as is_illustrative
from {{ ref("stg_analytics__expected_event_days") }}
