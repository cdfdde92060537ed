-- one row per program, goal and due date
select
    program_id,
    goal_type,
    goal_value,
    goal_unit,
    due_date
from {{ ref("stg_entities__program_goals") }}
