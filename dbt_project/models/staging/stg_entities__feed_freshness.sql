-- one row per feed
select
    feed,
    system_code,
    last_good_date,
    limit_days,
    missing_date_count,
    first_missing_date,
    is_fresh,
    as_of_date
from {{ source("entities", "feed_freshness") }}
