-- one row per device; it stays at its premise, and the account is whoever is served there now
with occupants as (
    select
        premise_id,
        min(account_id) as account_id
    from {{ ref("stg_entities__accounts") }}
    where is_current
    group by premise_id
    having count(distinct account_id) = 1
)

select
    devices.device_id,
    devices.premise_id,
    case when devices.removed_at_utc is null then occupants.account_id end as account_id,
    devices.device_type,
    devices.device_model,
    devices.can_display_text,
    devices.is_display_known,
    devices.is_controllable,
    devices.source_system,
    devices.source_count,
    devices.conflict_count,
    devices.registered_at_utc,
    devices.removed_at_utc
from {{ ref("stg_entities__devices") }} as devices
left join occupants on devices.premise_id = occupants.premise_id
