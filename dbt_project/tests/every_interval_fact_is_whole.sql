-- rows: intervals whose wall clock is not in their civil date, or whose energy and quality contradict each other
select
    meter_id,
    interval_start_utc
from {{ ref("fct_interval_usage") }}
where
    cast(interval_start_local as date) is distinct from usage_date
    or quality_code is null
    or (quality_code = 'E' and estimate_method is null)
    or (quality_code in ('V', 'A', 'G') and estimate_method is not null)
    or (quality_code in ('V', 'A', 'G', 'E') and delivered_kwh is null and received_kwh is null)
