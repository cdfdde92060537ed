-- one row per tariff and date from which it holds
select
    tariff_code,
    effective_date as valid_from_date,
    end_date as valid_to_date,
    end_date is null as is_current,
    status_code,
    is_illustrative,
    tariff_json,
    tariff_sha256
from {{ ref("stg_analytics__tariff_versions") }}
