"""Freshness tells the truth: how far the good data of each feed reach, and which dates are missing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.freshness import USAGE_LIMIT_DAYS, feed_freshness, last_good_usage_date
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines.freshness import gaps, stale_feeds

DAY = timedelta(days=1)
FIRST = date(2026, 8, 1)
_BLANK_FILE = dict.fromkeys(FILES.columns)
_SCHEMA = {"meter_id": pl.String, "first_date": pl.Date, "last_date": pl.Date}


def extract_file(system: str, first: date, last: date, status: str = "loaded", number: int = 0) -> dict[str, Any]:
    about = {"system_code": system, "first_business_date": first, "business_date": last, "status_code": status}
    return _BLANK_FILE | about | {"file_id": f"{number:012x}"}


def days(system: str, *numbers: int, status: str = "loaded") -> list[dict[str, Any]]:
    """Daily files of days of August."""
    return [extract_file(system, FIRST + (n - 1) * DAY, FIRST + (n - 1) * DAY, status, n) for n in numbers]


def judged(rows: list[dict[str, Any]], reads: list[tuple[str, date, date]] | None = None) -> dict[str, dict[str, Any]]:
    reads = reads or []
    zone = {"time_zone": "America/Los_Angeles", "status_code": "loaded"}
    rows = rows + [_BLANK_FILE | zone | {"file_id": f"{place:012x}"} for place in range(900, 900 + len(reads))]
    channels = [
        dict.fromkeys(FILE_CHANNELS.columns)
        | {"file_id": f"{place:012x}", "meter_id": meter}
        | {"first_interval_start_utc": _noon(first), "last_interval_start_utc": _noon(last)}
        for place, (meter, first, last) in enumerate(reads, start=900)
    ]
    files = pl.DataFrame(rows, schema=FILES.empty().schema)
    frame = feed_freshness(files, pl.DataFrame(channels, schema=FILE_CHANNELS.empty().schema))
    return {row["feed"]: row for row in frame.iter_rows(named=True)}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC).replace(tzinfo=None)


def test_a_home_without_feeds_has_no_rows() -> None:
    assert judged([]) == {}


@pytest.mark.req("NFR-08")
@pytest.mark.parametrize(
    ("behind", "limit", "system"), [(1, 1, "CSS"), (1, 1, "CRM"), (1, 1, "DMS"), (2, 2, "WEATHER")]
)
def test_a_system_is_stale_once_it_is_further_behind_than_its_limit(system: str, behind: int, limit: int) -> None:
    other = "DMS" if system != "DMS" else "CSS"
    for late, is_fresh in ((behind, True), (behind + 1, False)):
        rows = judged([*days(other, *range(1, 21)), *days(system, *range(1, 21 - late))])
        row = rows[system.lower()]
        assert (row["limit_days"], row["is_fresh"], row["missing_date_count"]) == (limit, is_fresh, 0)
        assert row["last_good_date"] == date(2026, 8, 20 - late)
        assert row["as_of_date"] == date(2026, 8, 20)
        assert rows[other.lower()]["is_fresh"]
        assert len(rows) == 2, "a system that never sent anything is no feed"


def test_a_missing_day_and_a_broken_one_are_counted_until_they_come() -> None:
    broken = days("CSS", 6, status="quarantined")
    part = days("CSS", 9, status="loaded_in_part")
    row = judged([*days("CSS", 1, 2, 3, 5, 7, 8), *broken, *part])["css"]
    assert (row["missing_date_count"], row["first_missing_date"]) == (2, date(2026, 8, 4))
    assert (row["last_good_date"], row["is_fresh"]) == (date(2026, 8, 9), True)
    mended = judged(
        [*days("CSS", 1, 2, 3, 5, 6, 7, 8), extract_file("CSS", date(2026, 8, 4), date(2026, 8, 4), number=99)]
    )
    assert mended["css"]["missing_date_count"] == 0


def test_a_history_file_covers_its_month() -> None:
    rows = judged([extract_file("CSS", date(2026, 7, 1), date(2026, 7, 31)), *days("CSS", 2)])
    assert (rows["css"]["missing_date_count"], rows["css"]["first_missing_date"]) == (1, FIRST)


def test_a_system_whose_every_file_was_refused() -> None:
    row = judged(days("CRM", 1, 2, status="quarantined"))["crm"]
    assert (row["last_good_date"], row["is_fresh"], row["as_of_date"]) == (None, False, date(2026, 8, 2))
    (sentence,) = stale_feeds(pl.DataFrame([row]))
    assert sentence.startswith("feed crm has sent nothing good yet; data reach 2026-08-02")


@pytest.mark.req("NFR-07")
def test_usage_is_stale_after_eight_days() -> None:
    for behind, is_fresh in ((USAGE_LIMIT_DAYS, True), (USAGE_LIMIT_DAYS + 1, False)):
        rows = judged(days("CSS", *range(1, 29)), [("M1", FIRST, date(2026, 8, 28) - behind * DAY)])
        assert rows["usage"]["is_fresh"] is is_fresh
        assert rows["usage"]["last_good_date"] == date(2026, 8, 28) - behind * DAY
    (sentence,) = stale_feeds(pl.DataFrame([rows["usage"]]))
    assert sentence == (
        "feed usage is stale since 2026-08-20, the date of its last good data; data reach 2026-08-28 and it may be 7 "
        "days behind; ask the sender for the files of the days since, or mend what is in quarantine/"
    )


def test_usage_needs_half_of_the_meters() -> None:
    last = date(2026, 8, 20)
    half = [("M1", FIRST, last), ("M2", FIRST, last), ("M3", FIRST, last - DAY), ("M4", FIRST, last - 3 * DAY)]
    assert judged([], half)["usage"]["last_good_date"] == last
    fewer = [*half, ("M5", FIRST, last - 3 * DAY)]
    assert judged([], fewer)["usage"]["last_good_date"] == last - DAY
    assert judged([], fewer)["usage"]["as_of_date"] == last


def test_usage_lacks_dates_that_no_meter_has() -> None:
    spans = [("M1", FIRST, date(2026, 8, 3)), ("M2", date(2026, 8, 6), date(2026, 8, 7))]
    row = judged([], spans)["usage"]
    assert (row["missing_date_count"], row["first_missing_date"]) == (2, date(2026, 8, 4))
    (sentence,) = gaps(pl.DataFrame([row]))
    assert sentence == "feed usage lacks 2 dates, the first 2026-08-04; ask the sender for the files again"


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.integers(0, 60), st.integers(0, 20)),
        min_size=1,
        max_size=12,
        unique=True,
    )
)
def test_the_last_good_date_is_the_one_that_the_rule_names(found: list[tuple[str, int, int]]) -> None:
    spans = [(meter, FIRST + start * DAY, FIRST + (start + length) * DAY) for meter, start, length in found]
    reporting: dict[date, set[str]] = {}
    for meter, first, last in spans:
        for number in range((last - first).days + 1):
            reporting.setdefault(first + number * DAY, set()).add(meter)
    good = [day for day, meters in reporting.items() if 2 * len(meters) >= len(_before(reporting, day))]
    frame = pl.DataFrame(spans, schema=_SCHEMA, orient="row")
    assert last_good_usage_date(frame) == max(good)


def _before(reporting: dict[date, set[str]], day: date) -> set[str]:
    return set().union(*(reporting.get(day - number * DAY, set()) for number in range(1, 31)))
