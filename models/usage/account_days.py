"""Daily use of accounts as the weather model takes it."""

import duckdb
import polars as pl

WHOLE_DAY_MINUTES = 23 * 60
"""Least length of a civil date; a part of one, as on the day of installation, says nothing about the weather."""

ACCOUNT_DAYS = f"""
-- one row per account and civil date on which a delivered value of its top-level meters came or was estimated
with meter_days as (
    select
        o.account_id,
        o.premise_id,
        o.account_meter_count,
        p.usage_date,
        p.valid_wh,
        p.expected_count * p.interval_minutes as expected_minutes,
        p.valid_count = p.expected_count as is_valid,
        p.read_count + p.estimated_count > 0 as is_known
    from meter_day_profiles as p
    inner join meter_occupancy as o
        on p.meter_id = o.meter_id
        and p.usage_date >= o.valid_from_date
        and p.usage_date < coalesce(o.valid_to_date, date '9999-12-31')
    where p.channel_code = 'delivered' and o.account_meter_count is not null
),

account_days as (
    select
        account_id,
        usage_date,
        max(premise_id) as premise_id,
        sum(valid_wh)::bigint as valid_wh,
        bool_and(is_valid)
        and count(*) = max(account_meter_count)
        and sum(expected_minutes) >= {WHOLE_DAY_MINUTES} as is_valid,
        bool_or(is_known) as is_known
    from meter_days
    group by account_id, usage_date
)

select
    d.account_id,
    z.climate_zone,
    d.usage_date,
    case when d.is_valid then d.valid_wh end as valid_wh
from account_days as d
left join premises as z on d.premise_id = z.premise_id and z.is_current
where d.is_known
order by d.account_id, d.usage_date
"""


def account_days(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Daily use of accounts, their top-level meters added up, each account its own days only.

    Args:
        con: Connection with the relations meter_day_profiles (of the vee layer), meter_occupancy and premises (of the
            entities layer).

    Returns:
        account_id, climate_zone (null where no system names one), usage_date, valid_wh (delivered energy in Wh; null
        where some interval of the day is not valid as reported, or the day is not whole), sorted by account and date.
    """
    days: pl.DataFrame = con.sql(ACCOUNT_DAYS).pl()
    return days
