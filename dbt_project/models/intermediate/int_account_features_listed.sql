-- one row per account, kind of feature and feature: what is known to be at the premise of a served account
with served as (
    select
        account_id,
        premise_id
    from {{ ref("stg_entities__accounts") }}
    where is_current
),

placed as (
    select
        served.account_id,
        equipment.equipment_type
    from {{ ref("stg_entities__equipment") }} as equipment
    inner join served on equipment.premise_id = served.premise_id
    where equipment.removed_date is null
),

followed as (
    select
        links.account_id,
        equipment.equipment_type
    from {{ ref("stg_entities__equipment") }} as equipment
    inner join {{ ref("stg_entities__account_persons") }} as links on equipment.person_id = links.person_id
    where equipment.removed_date is null and links.is_current
),

registered as (
    select
        served.account_id,
        devices.device_type
    from {{ ref("stg_entities__devices") }} as devices
    inner join served on devices.premise_id = served.premise_id
    where devices.removed_at_utc is null
)

select distinct
    account_id,
    'equipment' as feature_kind,
    cast(equipment_type as varchar) as feature_code
from placed
union
select distinct
    account_id,
    'equipment' as feature_kind,
    cast(equipment_type as varchar) as feature_code
from followed
union
select distinct
    account_id,
    'equipment' as feature_kind,
    'electric_vehicle' as feature_code
from registered
where device_type = 'ev_charger'
union
select distinct
    account_id,
    'device' as feature_kind,
    cast(device_type as varchar) as feature_code
from registered
