-- one row per behaviour
select
    scenario_id,
    scenario_name,
    cast(scenario_kind as varchar) as scenario_kind,
    parameters,
    is_illustrative
from {{ ref("stg_analytics__scenarios") }}
