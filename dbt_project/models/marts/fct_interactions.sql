-- one row per contact and source
select
    interaction_id,
    source_system,
    account_id,
    person_id,
    interaction_type,
    action_taken,
    program_id,
    campaign_id,
    channel,
    interaction_at_utc as at_utc
from {{ ref("stg_entities__interactions") }}
