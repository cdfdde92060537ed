-- one row per behaviour
select
    scenario_id,
    scenario_name,
    scenario_kind,
    parameters,
    is_illustrative
from {{ source("analytics", "scenarios") }}
