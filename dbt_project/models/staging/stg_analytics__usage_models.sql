-- one row per account with usage
select
    account_id,
    climate_zone,
    model_code,
    base_kwh,
    heating_kwh_per_degree_day,
    cooling_kwh_per_degree_day,
    heating_balance_degc,
    cooling_balance_degc,
    adjusted_r2_ratio,
    cvrmse_ratio,
    day_count,
    first_usage_date,
    last_usage_date,
    reason_code
from {{ source("analytics", "usage_models") }}
