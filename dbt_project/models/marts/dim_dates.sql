-- one row per civil date
select
    usage_date,
    day_type,
    season,
    is_holiday,
    holiday_name
from {{ ref("stg_entities__dates") }}
