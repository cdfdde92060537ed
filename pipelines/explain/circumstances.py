"""Circumstances of a meter's values as recorded: decisions, times without service, the register's size, class use."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from models.explain.calendar import day_bounds
from models.explain.facts import ClassUse, Decision, MeterFacts, ServiceEvent
from models.tables.entities import DAILY_WEATHER, DATES, METERS, READ_EDITS
from models.tables.raw import METER_EVENTS
from models.tables.vee import METER_DAY_PROFILES
from models.vee.settings import VeeSettings
from pipelines.explain.recorded import RecordReader

_MEANINGS = ("outage_start", "outage_end", "disconnect", "connect")
_OF_METER = "select * from found where meter_id = $meter_id"
_PERIOD = "usage_date between $first and $last"


def decisions(records: RecordReader, facts: MeterFacts) -> dict[tuple[str, datetime], list[Decision]]:
    """Manual edits of a meter by channel and start of the interval."""
    found: dict[tuple[str, datetime], list[Decision]] = defaultdict(list)
    for row in records.rows(READ_EDITS, _OF_METER, {"meter_id": facts.meter_id}):
        outcomes = {"edit": ("G", row["edited_wh"]), "verify": ("V", row["reported_wh"]), "withdraw": (None, None)}
        quality, wh = outcomes[row["action_code"]]
        found[row["channel_code"], row["interval_start_utc"]].append(
            Decision(row["edit_id"], row["actor"], row["reason"], row["recorded_at_utc"], quality, wh)
        )
    return dict(found)


def events(records: RecordReader, settings: VeeSettings, facts: MeterFacts) -> tuple[ServiceEvent, ...]:
    """Events of a meter that begin or end times without service, of the files in the build."""
    meanings = {code.upper(): meaning for meaning in _MEANINGS for code in getattr(settings.events, meaning)}
    rows = records.rows(METER_EVENTS, _OF_METER, {"meter_id": facts.meter_id})
    return tuple(
        ServiceEvent(meanings[row["source_event_code"].upper()], row["event_start_utc"], row["event_end_utc"])
        for row in rows
        if row["file_id"] in facts.receipts and (row["source_event_code"] or "").upper() in meanings
    )


def register_modulo_wh(records: RecordReader, facts: MeterFacts) -> int | None:
    """Watt-hours that a meter's register counts before it begins again; None where its digits are not on record."""
    (meter,) = records.rows(METERS, _OF_METER, {"meter_id": facts.meter_id})
    multiplier = 1 if meter["meter_multiplier"] is None else meter["meter_multiplier"]
    return None if meter["register_digits"] is None else round(1000 * 10 ** meter["register_digits"] * multiplier)


def class_use(records: RecordReader, settings: VeeSettings, facts: MeterFacts, dates: Collection[date]) -> ClassUse:
    """What estimates by class profile on some dates rest on."""
    (meter,) = records.rows(METERS, _OF_METER, {"meter_id": facts.meter_id})
    first = min(dates) - timedelta(days=settings.like_day_lookback_days)
    period = {"first": first, "last": max(dates)}
    kinds = records.rows(DATES, f"select * from found where {_PERIOD}", period)
    weather = records.rows(
        DAILY_WEATHER,
        f"select * from found where climate_zone = $zone and {_PERIOD} and max_temperature_degc is not null",
        {"zone": meter["climate_zone"], **period},
    )
    days = (first + timedelta(days=n) for n in range((max(dates) - first).days + 1))
    return ClassUse(
        profiles=tuple(p for p in settings.class_profiles if p.customer_class == meter["customer_class"]),
        climate_zone=meter["climate_zone"],
        lookback_days=settings.like_day_lookback_days,
        weekdays={row["usage_date"]: row["day_type"] == "weekday" for row in kinds},
        max_temperature_degc={row["usage_date"]: Decimal(row["max_temperature_degc"]) for row in weather},
        own_wh=_valid_days(records, facts, days),
    )


def _valid_days(records: RecordReader, facts: MeterFacts, dates: Iterable[date]) -> dict[str, dict[date, int]]:
    """Energy by channel and date of whole days that are valid and had service throughout."""
    begins = {life.channel_code: life.first_interval_start_utc for life in facts.lives}
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for row in records.dated(METER_DAY_PROFILES, facts.meter_id, set(dates)):
        day, channel = row["usage_date"], row["channel_code"]
        is_whole = begins[channel] <= day_bounds(facts.time_zone, day)[0]
        if row["status_code"] in ("clean", "screened") and not row["outage_count"] and is_whole:
            found[channel][day] = row["valid_wh"]
    return dict(found)
