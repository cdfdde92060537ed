-- one row per validation rule
select
    rule_code,
    rule_name,
    severity_code,
    action_code,
    rule_description
from {{ source("vee", "rules") }}
