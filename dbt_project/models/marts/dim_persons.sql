-- one row per person and validity period
select
    person_id,
    language_code,
    preferred_channel,
    is_marketing_opt_out,
    uses_my_account,
    age_band,
    education_band,
    valid_from_date,
    valid_to_date,
    is_current,
    'CRM' as source_system
from {{ ref("stg_entities__persons") }}
