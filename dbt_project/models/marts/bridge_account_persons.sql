-- one row per account, person, role and validity period
select
    account_id,
    person_id,
    role,
    valid_from_date,
    valid_to_date,
    is_current
from {{ ref("stg_entities__account_persons") }}
