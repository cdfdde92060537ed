"""Class profiles: what customers of a class use by the hour, for meters without like days of their own (E3).

Reference data: static, so that no order of arrival can matter. `python -m pipelines.class_profiles` makes them out of a
home's validated reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.documents import DocumentError
from models.tables.base import CHANNELS

ANY = "any"
"""Climate zone or temperature bin of a profile over all of them."""
BIN_DEGC = 5
"""Width of a temperature bin in °C; a bin is named by its lower end."""
HOURS = 24
FEWEST_DAYS = 100
"""Meter-days on which a profile rests at least."""
COLUMNS = ("customer_class", "climate_zone", "channel_code", "day_type", "temperature_bin")
HEADER = (*COLUMNS, *(f"h{hour:02}_wh" for hour in range(HOURS)))
_DAY_TYPES = {"weekday": True, "weekend": False}

CLASS_PROFILES = f"""
-- one row per class, climate zone, channel, kind of day and temperature bin: mean watt-hours by local hour, over the
-- valid days of the meters; in `any` rows over all zones, and over all temperatures too
with valid_days as (
    select
        p.meter_id,
        p.channel_code,
        p.usage_date,
        m.customer_class,
        coalesce(m.climate_zone, '{ANY}') as climate_zone,
        if(d.day_type = 'weekday', 'weekday', 'weekend') as day_type,
        coalesce(
            ({BIN_DEGC} * floor(w.max_temperature_degc / {BIN_DEGC}))::int::varchar, '{ANY}'
        ) as temperature_bin
    from meter_day_profiles as p
    inner join meters as m on p.meter_id = m.meter_id
    inner join dates as d on p.usage_date = d.usage_date
    left join daily_weather as w on m.climate_zone = w.climate_zone and p.usage_date = w.usage_date
    where p.status_code in ('clean', 'screened')
        and p.outage_count = 0
        and p.interval_minutes <= 60
        and p.expected_count * p.interval_minutes >= 23 * 60
        and m.customer_class <> 'unclassified'
),
hours as (
    select
        v.*,
        extract(hour from r.interval_start_utc + to_minutes(r.utc_offset_minutes)) as local_hour,
        if(v.channel_code = '{CHANNELS[0]}', r.delivered_wh, r.received_wh) as wh
    from valid_days as v
    inner join interval_reads as r on v.meter_id = r.meter_id and v.usage_date = r.usage_date
),
hour_sums as (
    select customer_class, climate_zone, channel_code, day_type, temperature_bin, local_hour, sum(wh)::hugeint as wh
    from hours
    group by all
),
day_counts as (
    select customer_class, climate_zone, channel_code, day_type, temperature_bin, count(*) as day_count
    from valid_days
    group by all
),
rolled_hours as (
    select
        customer_class,
        coalesce(climate_zone, '{ANY}') as climate_zone,
        channel_code,
        day_type,
        coalesce(temperature_bin, '{ANY}') as temperature_bin,
        local_hour,
        sum(wh)::hugeint as wh
    from hour_sums
    group by grouping sets (
        (customer_class, climate_zone, channel_code, day_type, temperature_bin, local_hour),
        (customer_class, climate_zone, channel_code, day_type, local_hour),
        (customer_class, channel_code, day_type, local_hour)
    )
),
rolled_days as (
    select
        customer_class,
        coalesce(climate_zone, '{ANY}') as climate_zone,
        channel_code,
        day_type,
        coalesce(temperature_bin, '{ANY}') as temperature_bin,
        sum(day_count)::hugeint as day_count
    from day_counts
    group by grouping sets (
        (customer_class, climate_zone, channel_code, day_type, temperature_bin),
        (customer_class, climate_zone, channel_code, day_type),
        (customer_class, channel_code, day_type)
    )
)
select
    d.customer_class,
    d.climate_zone,
    d.channel_code,
    d.day_type,
    d.temperature_bin,
    list(((2 * h.wh + d.day_count) // (2 * d.day_count))::bigint order by h.local_hour) as hour_wh
from rolled_days as d
inner join rolled_hours as h using (customer_class, climate_zone, channel_code, day_type, temperature_bin)
where d.day_count >= {FEWEST_DAYS}
group by all
having count(*) = {HOURS}
order by d.customer_class, d.climate_zone, d.channel_code, d.day_type, d.temperature_bin
"""


@dataclass(frozen=True)
class ClassProfile:
    """Mean use of a class on the days of one kind.

    Attributes:
        customer_class: Class.
        climate_zone: Climate zone, or `ANY`.
        channel_code: Direction of energy.
        is_weekday: False for weekends and holidays.
        temperature_bin: Lower end of the bin of the highest temperature of the day in °C, or `ANY`.
        hour_wh: Mean watt-hours in each of the 24 local hours.
    """

    customer_class: str
    climate_zone: str
    channel_code: str
    is_weekday: bool
    temperature_bin: str
    hour_wh: tuple[int, ...]


def profiles_from(name: str, rows: Iterable[Sequence[str]]) -> tuple[ClassProfile, ...]:
    """Profiles of a table of texts, its header first.

    Args:
        name: Name of the file, for messages.
        rows: Header and rows.

    Raises:
        DocumentError: With one sentence per mistake.
    """
    header, *lines = list(rows) or [()]
    if tuple(header) != HEADER:
        raise DocumentError([f"{name}: its first line must name the columns {', '.join(HEADER)}"])
    mistakes, profiles = [], []
    for number, line in enumerate(lines, start=2):
        texts = line[len(COLUMNS) :]
        is_row = len(line) == len(HEADER) and line[2] in CHANNELS and line[3] in _DAY_TYPES
        if not is_row or not all(text.isascii() and text.isdigit() for text in texts):
            mistakes.append(
                f"{name}: line {number} must have a class, a zone, a channel, a day type, a bin and 24 numbers"
            )
            continue
        values = tuple(int(text) for text in texts)
        profiles.append(ClassProfile(line[0], line[1], line[2], _DAY_TYPES[line[3]], line[4], values))
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(profiles)
