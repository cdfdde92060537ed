-- one row per served account: whether it can be compared, now that its bills were reproduced or not
select
    account_id,
    cast(comparability_code as varchar) as comparability_code
from {{ ref("stg_analytics__comparison_accounts") }}
