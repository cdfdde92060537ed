-- one row per enrolment
select
    enrollment_id,
    account_id,
    program_id,
    enrollment_status,
    status_since_date,
    enrolled_date,
    left_date,
    application_id,
    campaign_id
from {{ source("entities", "enrollments") }}
