-- rows: intervals whose wall clock is not in their civil date, or whose energy and quality contradict each other
-- asked of the reads under the fact: the joins that give it account and weather change none of this
select
    meter_id,
    interval_start_utc
from {{ ref("stg_vee__interval_reads") }}
where
    cast(interval_start_utc + utc_offset_minutes * interval '1' minute as date) is distinct from usage_date
    or quality_code is null
    or (quality_code = 'E' and estimate_method is null)
    or (quality_code in ('V', 'A', 'G') and estimate_method is not null)
    or (quality_code in ('V', 'A', 'G', 'E') and delivered_wh is null and received_wh is null)
