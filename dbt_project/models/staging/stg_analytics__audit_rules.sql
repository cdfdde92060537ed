-- one row per finding
select
    finding_code,
    minimum_ratio,
    minimum_saving_cents,
    minimum_peer_count,
    minimum_weather_r2_ratio
from {{ source("analytics", "audit_rules") }}
