-- one row per enrolment: an account in a program for a period
select
    enrollment_id,
    account_id,
    program_id,
    enrollment_status,
    status_since_date,
    application_id,
    campaign_id,
    enrolled_date,
    left_date,
    left_date is null as is_current,
    'CSS' as source_system
from {{ ref("stg_entities__enrollments") }}
