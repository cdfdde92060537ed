-- one row per point of delivery and validity period
select
    service_point_id,
    premise_id,
    account_id,
    valid_from_date,
    valid_to_date,
    is_current
from {{ source("entities", "service_points") }}
