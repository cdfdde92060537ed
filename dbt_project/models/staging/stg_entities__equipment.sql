-- one row per piece of equipment
select
    equipment_id,
    premise_id,
    person_id,
    equipment_type,
    rated_kw,
    installed_date,
    removed_date
from {{ source("entities", "equipment") }}
