"""Usage of days and months computed a second time, in plain Python from the reads that were sent, to the watt-hour.

The streets have days of 92 and 100 quarter-hours, an exchange at noon, an account with three meters of mixed lengths
and a sub-meter, movers, vacant places, meters that nobody knows, panels and a gap.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines.home import Home
from pipelines.query import open_marts
from tests.marts.streets import (
    GAP_UTC,
    SERVED,
    SUB_METERS,
    WEATHER_FROM_UTC,
    ZONE,
    common_minutes,
    day,
    reads,
    served,
)

ON_PEAK = range(16, 21)
BASE_DEGC = Decimal("18.3")
HOUR = timedelta(hours=1)


@dataclass
class Interval:
    """What one meter says of one interval; None for a direction that it does not count or that is unknown."""

    meter: str
    start: datetime
    minutes: int
    is_known: bool = True
    wh: dict[str, int | None] = field(default_factory=dict)

    @property
    def local(self) -> datetime:
        return self.start.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE))

    @property
    def on(self) -> date:
        return self.local.date()


@cache
def intervals() -> list[Interval]:
    """Every interval that was sent, and the quarter-hours of the gap."""
    found: dict[tuple[str, datetime], Interval] = {}
    for meter, channel, start, minutes, wh in reads().iter_rows():
        found.setdefault((meter, start), Interval(meter, start, minutes)).wh[channel] = wh
    for quarter in range(12):
        start = GAP_UTC + quarter * timedelta(minutes=15)
        assert ("M4", start) not in found
        found["M4", start] = Interval("M4", start, 15, is_known=False)
    return list(found.values())


def ask(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(home) as con:
        return con.execute(sql).fetchall()


def month(on: date) -> str:
    return on.isoformat()[:7]


def energy(parts: Iterable[Interval], channel: str = "delivered") -> int | None:
    """Watt-hours of the known parts, None where nothing is known."""
    known = [part.wh[channel] for part in parts if part.wh.get(channel) is not None]
    return sum(wh for wh in known if wh is not None) if known else None


def on_peak(parts: list[Interval]) -> int | None:
    return None if energy(parts) is None else energy(part for part in parts if part.local.hour in ON_PEAK) or 0


def together(account: str, parts: list[Interval]) -> list[tuple[int, list[Interval]]]:
    """Intervals of an account by the wall clock in the length that its meters share on the date: minutes and parts."""
    groups: dict[tuple[date, int, timedelta | None], list[Interval]] = defaultdict(list)
    for part in parts:
        minutes = common_minutes(account, part.on)
        place = (part.local.hour * 60 + part.local.minute) // minutes
        groups[part.on, place, part.local.utcoffset()].append(part)
    return [(common_minutes(account, on), found) for (on, _, _), found in groups.items()]


def kw(wh: int, minutes: int) -> Fraction:
    return Fraction(wh * 60, minutes * 1000)


def demand(groups: Iterable[tuple[int, list[Interval]]]) -> tuple[Fraction | None, Fraction | None, int, int]:
    """Largest and average demand over the wholly known groups, and how many groups are known, and are there."""
    listed = list(groups)
    known = [(minutes, energy(parts) or 0) for minutes, parts in listed if all(part.is_known for part in parts)]
    minutes_known = sum(minutes for minutes, _ in known)
    largest = max((kw(wh, minutes) for minutes, wh in known), default=None)
    average = kw(sum(wh for _, wh in known), minutes_known) if known else None
    return largest, average, len(known), len(listed)


@cache
def utility_peaks() -> dict[str, datetime]:
    """Start of the utility's peak hour of each month."""
    net: dict[tuple[str, datetime], int] = defaultdict(int)
    for part in intervals():
        if part.meter not in SUB_METERS:
            hour = part.start.replace(minute=0)
            net[month(part.on), hour] += (energy([part]) or 0) - (energy([part], "received") or 0)
    return {
        name: max((wh, -start.timestamp(), start) for (of, start), wh in net.items() if of == name)[2]
        for name in {name for name, _ in net}
    }


def coincident(parts: list[Interval]) -> Fraction | None:
    start = utility_peaks()[month(parts[0].on)]
    within = [part for part in parts if start <= part.start < start + HOUR]
    if not within or not all(part.is_known for part in within):
        return None
    return kw(energy(within) or 0, 60)


def account_parts(key: Callable[[date], Any]) -> dict[tuple[str, Any], list[Interval]]:
    groups: dict[tuple[str, Any], list[Interval]] = defaultdict(list)
    for part in intervals():
        account = served(part.meter, part.on)
        if account and part.meter not in SUB_METERS:
            groups[account, key(part.on)].append(part)
    return groups


def meter_parts(key: Callable[[date], Any]) -> dict[tuple[str, Any], list[Interval]]:
    groups: dict[tuple[str, Any], list[Interval]] = defaultdict(list)
    for part in intervals():
        groups[part.meter, key(part.on)].append(part)
    return groups


def single(parts: list[Interval]) -> list[tuple[int, list[Interval]]]:
    return [(part.minutes, [part]) for part in parts]


def wh(kwh: Decimal | None) -> int | None:
    return None if kwh is None else int(kwh * 1000)


def near(told: Decimal | None, expected: Fraction | None) -> bool:
    """Equal to the sixth digit, to which demand is told."""
    if told is None or expected is None:
        return told is None and expected is None
    return abs(Fraction(told) - expected) <= Fraction(1, 1_000_000)


DAYS = "{key}, usage_date, delivered_kwh, received_kwh, on_peak_kwh, peak_kw, interval_count, expected_interval_count, "
DAYS += "estimated_interval_count, valid_interval_count"
KINDS = pytest.mark.parametrize("kind", ["account", "meter"])


def parts_of(kind: str, key: Callable[[date], Any]) -> dict[tuple[str, Any], list[Interval]]:
    return account_parts(key) if kind == "account" else meter_parts(key)


def groups_of(kind: str, name: str, parts: list[Interval]) -> list[tuple[int, list[Interval]]]:
    return together(name, parts) if kind == "account" else single(parts)


@KINDS
@pytest.mark.req("FR-01", "FR-02", "NFR-09", part="data")
def test_days_are_what_the_reads_say(streets: Home, kind: str) -> None:
    fact = "fct_account_daily_usage" if kind == "account" else "fct_daily_usage"
    rows = ask(streets, f"select {DAYS.format(key=f'{kind}_id')} from {fact}")
    expected = parts_of(kind, lambda on: on)
    assert {(name, on) for name, on, *_ in rows} == set(expected)
    for name, on, delivered, received, peak_energy, peak, known, expected_count, estimated, valid in rows:
        parts = expected[name, on]
        largest, _, known_count, count = demand(groups_of(kind, name, parts))
        assert (wh(delivered), wh(received), wh(peak_energy)) == (
            energy(parts), energy(parts, "received"), on_peak(parts),
        ), (name, on)  # fmt: skip
        assert near(peak, largest), (name, on)
        assert (known, expected_count, estimated, valid) == (known_count, count, 0, known_count), (name, on)


MONTHS = (
    "delivered_kwh, received_kwh, on_peak_kwh, peak_kw, average_kw, coincident_peak_kw, coincident_peak_start_utc, "
)
MONTHS += "coincident_peak_start_local, day_count, expected_interval_count, estimated_ratio, valid_ratio"


@KINDS
@pytest.mark.req("FR-02", part="data")
def test_months_are_what_the_reads_say(streets: Home, kind: str) -> None:
    fact = "fct_account_monthly_usage" if kind == "account" else "fct_monthly_usage"
    rows = ask(streets, f"select {kind}_id, usage_month, {MONTHS} from {fact}")
    expected = parts_of(kind, month)
    assert {(name, of) for name, of, *_ in rows} == set(expected)
    for name, of, *told in rows:
        parts = expected[name, of]
        delivered, received, peak_energy, peak, average, coincidence, start, local, days, count, estimated, valid = told
        largest, mean, known_count, all_count = demand(groups_of(kind, name, parts))
        assert (wh(delivered), wh(received), wh(peak_energy)) == (
            energy(parts), energy(parts, "received"), on_peak(parts),
        ), (name, of)  # fmt: skip
        assert near(peak, largest), (name, of)
        assert near(average, mean), (name, of)
        assert near(coincidence, coincident(parts)), (name, of)
        assert start == utility_peaks()[of]
        assert local == start.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        assert (days, count) == (len({part.on for part in parts}), all_count), (name, of)
        assert estimated == 0
        assert near(valid, Fraction(known_count, all_count)), (name, of)


def test_the_days_of_the_streets_are_the_hard_ones() -> None:
    """Else the recomputation would prove little."""
    lengths = {len(parts) for (meter, on), parts in meter_parts(lambda on: on).items() if meter in ("K1", "M6")}
    assert lengths >= {92, 96, 100}
    shared = {
        account: {part.meter for part in parts if part.on == on}
        for (account, on), parts in account_parts(lambda on: on).items()
    }
    assert shared["A9"] == {"K1", "K2", "K3"}
    assert {part.meter for part in account_parts(lambda on: on)["A3", day("11-01")]} == {"M2", "M3"}
    assert coincident(meter_parts(month)["T1", "2025-03"]) is not None
    assert any(coincident(parts) is None for parts in account_parts(month).values())


def _mean_degc(on: date) -> Decimal:
    """Mean temperature of a local date, rounded half up to a tenth."""
    tenths = [
        10 * (15 + hour % 7)
        for first, days in WEATHER_FROM_UTC
        for hour in range(24 * days)
        if (first + hour * HOUR).replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).date() == on
    ]
    return (Decimal(sum(tenths)) / len(tenths)).quantize(Decimal(1), ROUND_HALF_UP) / 10


@KINDS
def test_degree_days_are_those_of_the_days_counted(streets: Home, kind: str) -> None:
    fact = "fct_account_monthly_usage" if kind == "account" else "fct_monthly_usage"
    rows = ask(streets, f"select {kind}_id, usage_month, heating_degree_days, cooling_degree_days from {fact}")
    expected = parts_of(kind, month)
    for name, of, heating, cooling in rows:
        if name == "U1":
            assert (heating, cooling) == (None, None)  # nobody knows where it hangs
            continue
        means = [_mean_degc(on) for on in {part.on for part in expected[name, of]}]
        assert heating == sum(max(BASE_DEGC - mean, Decimal(0)) for mean in means), (name, of)
        assert cooling == sum(max(mean - BASE_DEGC, Decimal(0)) for mean in means), (name, of)
    assert any(heating for *_, heating, _ in rows)


def test_a_week_of_usage_is_not_normalised_and_says_why(streets: Home) -> None:
    reasons = "select distinct normalised_kwh, normalised_reason_code from fct_account_monthly_usage"
    assert ask(streets, reasons) == [(None, "too_few_valid_days")]
    models = "select account_id, model_code, base_kwh, reason_code from mart_weather_response order by 1"
    served_ever = {account for stays in SERVED.values() for account, _, _ in stays if account}
    assert ask(streets, models) == [(name, None, None, "too_few_valid_days") for name in sorted(served_ever)]


@pytest.mark.req("NFR-01", part="data")
def test_history_is_that_of_the_present_occupant(streets: Home) -> None:
    rows = ask(
        streets,
        "select account_id, first_usage_date, last_usage_date, day_count, valid_day_count, valid_ratio, "
        "months_of_history, has_13_months from mart_usage_history order by 1",
    )
    days = account_parts(lambda on: on)
    assert [name for name, *_ in rows] == ["A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9"]  # A1 has left
    for name, first, last, count, valid, ratio, months, is_enough in rows:
        dates = sorted(on for account, on in days if account == name)
        sums = [demand(together(name, days[name, on])) for on in dates]
        if name == "A5":
            assert (first, last, count, valid, ratio) == (None, None, 0, 0, None)  # a meter that has sent nothing yet
        else:
            assert (first, last, count) == (dates[0], dates[-1], len(dates)), name
            assert valid == sum(known == there for _, _, known, there in sums), name
            assert near(ratio, Fraction(sum(known for *_, known, _ in sums), sum(there for *_, there in sums))), name
        assert (months, is_enough) == (0, False)
    assert {name: first for name, first, *_ in rows}["A2"] == day("11-03")
