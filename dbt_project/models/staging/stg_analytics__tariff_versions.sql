-- one row per tariff and effective date
select
    tariff_code,
    effective_date,
    end_date,
    status_code,
    is_illustrative,
    tariff_json,
    tariff_sha256
from {{ source("analytics", "tariff_versions") }}
