-- one row per build
select
    rule_version,
    price_as_of_date,
    minimum_saving_cents,
    minimum_saving_ratio,
    minimum_win_probability,
    tie_cents,
    most_options,
    low_quantile,
    high_quantile,
    minimum_reproduced_ratio,
    tolerance_cents,
    tolerance_ratio,
    minimum_stay_months,
    stay_since_date,
    full_bill_count
from {{ source("analytics", "recommendation_rules") }}
