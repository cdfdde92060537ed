-- one row per account, date and local hour of events as they may come, and of the dates they are held against
select
    account_id,
    usage_date,
    cast(local_hour as integer) as local_hour,
    {{ kwh("delivered_wh") }} as delivered_kwh
from {{ ref("stg_analytics__event_window_usage") }}
