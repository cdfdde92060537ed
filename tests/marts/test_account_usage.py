"""Usage of accounts: nothing counted twice, nothing lost, former occupants kept apart."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines.home import Home
from pipelines.query import open_marts
from tests.marts.streets import GAP_UTC, PREMISES, RECEIVING, SUB_METERS, ZONE, common_minutes, day, reads, served

WHOLE_DAY = {10: 144, 15: 96, 30: 48, 60: 24}


def ask(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(home) as con:
        return con.execute(sql).fetchall()


def _local(start: datetime) -> datetime:
    return start.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE))


def _account_sums(channel: str) -> dict[tuple[str, date], int]:
    """Watt-hours by account and civil date, straight from the reads and the list of who lived where."""
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for meter, sent_channel, start, _, wh in reads().iter_rows():
        on = _local(start).date()
        account = served(meter, on)
        if account and sent_channel == channel and meter not in SUB_METERS:
            sums[account, on] += wh
    return dict(sums)


@pytest.mark.req("FR-01", part="data")
@pytest.mark.parametrize("channel", ["delivered", "received"])
def test_a_day_of_an_account_is_the_sum_of_its_top_level_meters(streets: Home, channel: str) -> None:
    rows = ask(streets, f"select account_id, usage_date, {channel}_kwh * 1000 from fct_account_daily_usage")
    assert {(account, on): int(wh) for account, on, wh in rows if wh is not None} == _account_sums(channel)
    without = {account for account, _, wh in rows if wh is None}
    assert without == (set() if channel == "delivered" else {"A1", "A2", "A3", "A7", "A8", "A9"})


def test_intervals_of_an_account_add_up_to_its_days_and_months(streets: Home) -> None:
    by_day = "select account_id, usage_date, sum(delivered_kwh), sum(received_kwh) from {} group by all order by all"
    intervals = ask(streets, by_day.format("fct_account_interval_usage"))
    assert intervals == ask(streets, by_day.format("fct_account_daily_usage"))
    by_month = (
        "select account_id, {} as usage_month, sum(delivered_kwh), max(peak_kw)::double, {} from {} "
        "group by account_id, usage_month order by all"
    )
    days = by_month.format("strftime(usage_date, '%Y-%m')", "count(*)", "fct_account_daily_usage")
    assert ask(streets, days) == ask(
        streets, by_month.format("usage_month", "sum(day_count)", "fct_account_monthly_usage")
    )


def test_accounts_vacant_places_and_unknown_meters_hold_every_top_level_interval_once(streets: Home) -> None:
    whole = sum(
        wh for meter, channel, _, _, wh in reads().iter_rows() if channel == "delivered" and meter not in SUB_METERS
    )
    parts = ask(
        streets,
        "select (select sum(delivered_kwh) from fct_account_interval_usage) + "
        "(select sum(delivered_kwh) from fct_interval_usage where account_id is null)",
    )
    assert parts == [(Decimal(whole) / 1000,)]
    count = ask(streets, "select count(*), count(distinct (meter_id, interval_start_utc)) from fct_interval_usage")
    sent = reads().filter(channel_code="delivered").height
    assert count == [(sent + 12, sent + 12)]  # the gap of three hours is expected too


@pytest.mark.req("FR-09", part="data")
def test_a_read_belongs_to_who_lived_there_on_its_local_date(streets: Home) -> None:
    rows = ask(
        streets, "select distinct meter_id, usage_date, account_id, premise_id from fct_interval_usage order by all"
    )
    assert rows
    for meter, on, account, premise in rows:
        assert (account, premise) == (served(meter, on), PREMISES[meter]), (meter, on)
    daily = ask(streets, "select meter_id, usage_date, account_id, premise_id from fct_daily_usage order by all")
    assert daily == rows


def test_an_account_is_told_in_intervals_of_its_coarsest_meter(streets: Home) -> None:
    rows = ask(
        streets,
        "select account_id, usage_date, min(interval_minutes), max(interval_minutes), count(*), "
        "count(distinct interval_start_utc) from fct_account_interval_usage group by all",
    )
    for account, on, shortest, longest, count, distinct in rows:
        minutes = common_minutes(account, on)
        assert shortest == longest == minutes, (account, on)
        hours = {day("11-02"): 25, day("03-09"): 23}.get(on, 24)
        assert count == distinct == WHOLE_DAY[minutes] * hours // 24, (account, on)


def test_an_interval_of_several_meters_is_the_sum_of_what_lies_in_it(streets: Home) -> None:
    sums: dict[datetime, int] = defaultdict(int)
    for meter, channel, start, _, wh in reads().iter_rows():
        if meter in ("Q1", "Q2") and channel == "delivered":
            sums[start.replace(minute=start.minute // 30 * 30)] += wh
    rows = ask(
        streets,
        "select interval_start_utc, delivered_kwh * 1000, avg_kw, local_hour, meter_count "
        "from fct_account_interval_usage where account_id = 'A8'",
    )
    assert {start: int(wh) for start, wh, *_ in rows} == sums
    for start, wh, kw, hour, meters in rows:
        assert (kw, hour, meters) == (wh * 2 / 1000, _local(start).hour, 2)


def test_demand_of_several_meters_is_that_of_all_together(streets: Home) -> None:
    peaks = dict(
        ask(
            streets, "select usage_date, max(avg_kw) from fct_account_interval_usage where account_id = 'A4' group by 1"
        )
    )
    rows = ask(streets, "select usage_date, peak_kw, meter_count from fct_account_daily_usage where account_id = 'A4'")
    assert {on: peak for on, peak, _ in rows} == peaks
    apart = dict(
        ask(streets, "select usage_date, max(peak_kw) from fct_daily_usage where meter_id in ('M4', 'M5') group by 1")
    )
    assert any(peaks[on] != apart[on] for on in peaks)


def test_where_a_part_is_unknown_the_known_part_is_told_and_demand_is_not(streets: Home) -> None:
    gap = (
        f"interval_start_utc >= timestamp '{GAP_UTC}' and interval_start_utc < timestamp '{GAP_UTC}' + interval 3 hour"
    )
    rows = ask(
        streets,
        f"select delivered_kwh, avg_kw, quality_code from fct_account_interval_usage where account_id = 'A4' and {gap} "
        "order by interval_start_utc",
    )
    known = ask(
        streets,
        f"select delivered_kwh from fct_interval_usage where meter_id = 'M5' and {gap} order by interval_start_utc",
    )
    assert rows == [(kwh, None, "N") for (kwh,) in known]
    counts = "select interval_count, expected_interval_count from fct_account_daily_usage where account_id = 'A4' "
    assert ask(streets, counts + "and usage_date = '2025-10-29'") == [(21, 24)]
    assert ask(streets, counts + "and usage_date = '2025-11-02'") == [(25, 25)]


@pytest.mark.req("NAR-03", part="data")
def test_every_interval_of_a_known_place_has_the_temperature_of_its_hour(streets: Home) -> None:
    wrong = (
        "select count(*) from fct_interval_usage left join fct_weather "
        "on date_trunc('hour', interval_start_utc) = hour_start_utc "
        "where premise_id is not null "
        "and fct_interval_usage.temperature_degc is distinct from fct_weather.temperature_degc"
    )
    assert ask(streets, wrong) == [(0,)]
    assert ask(streets, "select distinct meter_id from fct_interval_usage where temperature_degc is null") == [("U1",)]


def test_only_meters_that_count_it_have_received_energy(streets: Home) -> None:
    assert {
        meter for (meter,) in ask(streets, "select distinct meter_id from fct_interval_usage where received_kwh > 0")
    } == set(RECEIVING)
