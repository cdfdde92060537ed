"""E3: the shape of the customer's class, at the height of the customer's own use.

The profile of the class for such a day (climate zone, kind of day, highest temperature) is multiplied by what the meter
used on its own valid days of the last weeks over what the profiles say of these. Without a single such day nothing is
estimated: the class alone says nothing of one customer. Source: Ontario MDM/R (class load profiles) and AEMO method 57.
"""

import duckdb
import pyarrow as pa

from models.vee.class_profiles import ANY, BIN_DEGC
from models.vee.settings import VeeSettings

PROFILED_DAYS = f"""
-- one row per meter, channel and local date that is to be estimated or serves to scale: the nearest profile
create or replace temp table profiled_days as
with targets as (
    select distinct g.meter_no, g.channel_no, g.usage_date
    from judged as g
    anti join linear_estimates as l
        on g.meter_no = l.meter_no and g.channel_no = l.channel_no and g.slot_no = l.slot_no
    anti join like_day_estimates as k
        on g.meter_no = k.meter_no and g.channel_no = k.channel_no and g.slot_no = k.slot_no
    where g.is_open
        and g.is_within
),
pairs as (
    select t.meter_no, t.channel_no, t.usage_date, t.usage_date as profile_date, null::bigint as total_wh
    from targets as t
    union all
    select t.meter_no, t.channel_no, t.usage_date, v.usage_date, v.total_wh
    from targets as t
    inner join valid_days as v
        on t.meter_no = v.meter_no
        and t.channel_no = v.channel_no
        and v.usage_date between t.usage_date - {{lookback_days}} and t.usage_date - 1
)
select
    p.meter_no,
    p.channel_no,
    p.usage_date,
    p.profile_date,
    p.total_wh,
    max_by(c.hour_wh, 2 * (c.climate_zone <> '{ANY}')::int + (c.temperature_bin <> '{ANY}')::int) as hour_wh
from pairs as p
inner join keyed_meters as m using (meter_no)
inner join dates as d on p.profile_date = d.usage_date
left join daily_weather as w on m.climate_zone = w.climate_zone and p.profile_date = w.usage_date
inner join class_profiles as c
    on m.customer_class = c.customer_class
    and p.channel_no = c.channel_no
    and c.is_weekday = (d.day_type = 'weekday')
    and c.climate_zone in (m.climate_zone, '{ANY}')
    and c.temperature_bin in (
        ({BIN_DEGC} * floor(w.max_temperature_degc / {BIN_DEGC}))::int::varchar, '{ANY}'
    )
group by all
"""

CLASS_ESTIMATES = """
-- one row per interval estimated by E3
create or replace temp table class_estimates as
with scales as (
    select
        meter_no,
        channel_no,
        usage_date,
        any_value(hour_wh) filter (where total_wh is null) as hour_wh,
        sum(total_wh)::hugeint as own_wh,
        sum(list_sum(hour_wh)) filter (where total_wh is not null)::hugeint as class_wh
    from profiled_days
    group by meter_no, channel_no, usage_date
)
select
    g.meter_no,
    g.channel_no,
    g.slot_no,
    if(
        g.slot_minutes > 60,
        (2 * list_sum(s.hour_wh)::hugeint * s.own_wh + s.class_wh) // (2 * s.class_wh),
        (2 * s.hour_wh[g.minute_of_day // 60 + 1]::hugeint * g.slot_minutes * s.own_wh + 60 * s.class_wh)
        // (120 * s.class_wh)
    )::bigint as estimated_wh
from judged as g
inner join scales as s using (meter_no, channel_no, usage_date)
anti join linear_estimates as l
    on g.meter_no = l.meter_no and g.channel_no = l.channel_no and g.slot_no = l.slot_no
anti join like_day_estimates as k
    on g.meter_no = k.meter_no and g.channel_no = k.channel_no and g.slot_no = k.slot_no
where g.is_open
    and s.class_wh > 0
    and s.own_wh is not null
    and s.hour_wh is not null
"""


def estimate_by_class(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `class_estimates`: E3 for the open intervals that E1 and E2 left.

    Args:
        con: Holds `judged`, `valid_days`, `linear_estimates` and `like_day_estimates`, and the relations `dates` and
            `daily_weather`.
        settings: Profiles of classes, and how far back the meter's own days may lie.
    """
    profiles = settings.class_profiles
    columns = {
        "customer_class": pa.array([profile.customer_class for profile in profiles], pa.string()),
        "climate_zone": pa.array([profile.climate_zone for profile in profiles], pa.string()),
        "channel_no": pa.array([int(profile.channel_code == "received") for profile in profiles], pa.int8()),
        "is_weekday": pa.array([profile.is_weekday for profile in profiles], pa.bool_()),
        "temperature_bin": pa.array([profile.temperature_bin for profile in profiles], pa.string()),
        "hour_wh": pa.array([list(profile.hour_wh) for profile in profiles], pa.list_(pa.int64())),
    }
    con.register("class_profiles", pa.table(columns))
    con.execute(PROFILED_DAYS.format(lookback_days=settings.like_day_lookback_days))
    con.execute(CLASS_ESTIMATES)
