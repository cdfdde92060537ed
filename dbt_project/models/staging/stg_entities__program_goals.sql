-- one row per program, goal and due date
select
    program_id,
    goal_type,
    goal_value,
    goal_unit,
    due_date
from {{ source("entities", "program_goals") }}
