-- rows: intervals whose energy and quality contradict each other
select
    meter_id,
    interval_start_utc
from {{ ref("fct_interval_usage") }}
where
    quality_code is null
    or (quality_code = 'E') <> (estimate_method is not null and quality_code not in ('Q', 'N'))
    or (quality_code in ('V', 'A', 'G', 'E') and delivered_kwh is null and received_kwh is null)
