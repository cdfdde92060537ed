"""Validity periods: what holds on a date is what was last said to hold from an earlier date on."""

import itertools
import random
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities.histories import periods
from models.tables import Table
from models.tables.entities import ACCOUNTS, CUSTOMER_TABLES, ENROLLMENTS, METERS, PERSONS
from tests.entities.extracts import SENT, build, build_frames, day, raw_rows
from tests.vee.worlds import EXAMPLES

MANY = settings(EXAMPLES, max_examples=EXAMPLES.max_examples * 8)
DATES = st.dates(date(2026, 1, 1), date(2026, 1, 12))
KEYS = st.sampled_from(["1", "2"])
STAMPS = st.integers(0, 9).map(lambda seconds: SENT + timedelta(seconds=seconds))


def _state(*about: str, **attributes: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """States with their stamps: no two rows about the same thing and date were recorded at the same moment."""
    row = st.fixed_dictionaries({"effective_date": DATES, "changed_at_utc": STAMPS, **attributes})
    return st.lists(
        row, max_size=12, unique_by=lambda r: (*(r[name] for name in about), r["effective_date"], r["changed_at_utc"])
    )


WORLDS = st.fixed_dictionaries(
    {
        "css_accounts": _state(
            "account_id", account_id=KEYS, account_status=st.sampled_from(["active", "closed"]),
            rate_code=st.sampled_from("DT"),
        ),
        "css_service_points": _state(
            "service_point_id", service_point_id=KEYS, account_id=st.sampled_from([None, "1", "2"])
        ),
        "css_meters": _state(
            "meter_id", "installed_date", meter_id=KEYS, service_point_id=KEYS, removed_date=st.none() | DATES,
            installed_date=st.sampled_from([day("01-01"), day("01-05")]), parent_meter_id=st.sampled_from([None, "9"]),
            interval_minutes=st.sampled_from([None, 15, 60]),
        ),
        "crm_persons": _state("person_id", person_id=KEYS, language_code=st.sampled_from(["en", "es"])),
        "crm_account_persons": _state(
            "account_id", "person_id", account_id=KEYS, person_id=KEYS, start_date=DATES, end_date=st.none() | DATES
        ),
        "crm_consents": _state("person_id", person_id=KEYS, consent_status=st.sampled_from(["granted", "revoked"])),
        "css_enrollments": _state(
            "enrollment_id", enrollment_id=KEYS, enrollment_status=st.sampled_from(["active", "left"])
        ),
        "dms_devices": _state(
            "device_id", "reported_by", device_id=KEYS, reported_by=st.sampled_from(["DMS", "CRM"]),
            can_display_text=st.sampled_from([None, True]),
        ),
    }
)  # fmt: skip


def _shuffled(frames: dict[str, pl.DataFrame], seed: int) -> dict[str, pl.DataFrame]:
    """The same rows in another order, cut into other files under other line numbers."""
    chance = random.Random(seed)
    result = {}
    for name, frame in frames.items():
        order = chance.sample(range(frame.height), frame.height)
        files = [f"{chance.randrange(3):012d}" for _ in order]
        rows = frame[order].with_columns(
            file_id=pl.Series(files, dtype=pl.String), row_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
        )
        result[name] = rows
    return result


@MANY
@given(WORLDS, st.integers(0, 1000))
@pytest.mark.req("NFR-10", part="data")
def test_any_order_and_grouping_of_the_rows_gives_the_same_entities(world: dict[str, Any], seed: int) -> None:
    frames = raw_rows(world)
    once, again = build_frames(frames), build_frames(_shuffled(frames, seed))
    assert once.keys() == again.keys()
    for table, rows in once.items():
        assert rows.equals(again[table]), table.name


@MANY
@given(WORLDS)
def test_every_entity_obeys_its_declaration(world: dict[str, Any]) -> None:
    built = build(world)
    assert set(built) == {*CUSTOMER_TABLES, METERS}
    for table, rows in built.items():
        table.schema.validate(rows, cast=True)


@MANY
@given(WORLDS)
def test_a_date_has_the_state_that_was_last_said_to_begin_before_it(world: dict[str, Any]) -> None:
    found = build(world)[PERSONS]
    for person in ("1", "2"):
        for number in range(14):
            on = date(2026, 1, 1) + timedelta(days=number)
            known = [r for r in world["crm_persons"] if r["person_id"] == person and r["effective_date"] <= on]
            last = max(known, key=lambda r: (r["effective_date"], r["changed_at_utc"]), default=None)
            valid = _on(found.filter(person_id=person), on)
            assert valid["language_code"].to_list() == ([last["language_code"]] if last else [])


@MANY
@given(WORLDS)
def test_neighbouring_periods_differ_and_only_the_last_is_open(world: dict[str, Any]) -> None:
    found = build(world)[PERSONS]
    for _, rows in found.group_by("person_id"):
        assert rows["is_current"].to_list() == [False] * (rows.height - 1) + [True]
        assert rows["valid_to_date"].to_list()[:-1] == rows["valid_from_date"].to_list()[1:]
        languages = rows["language_code"].to_list()
        assert all(one != other for one, other in itertools.pairwise(languages))


@MANY
@given(WORLDS)
def test_an_account_is_served_on_the_dates_on_which_it_is_active(world: dict[str, Any]) -> None:
    found = build(world)[ACCOUNTS]
    for account in ("1", "2"):
        active = []
        for number in range(14):
            on = date(2026, 1, 1) + timedelta(days=number)
            known = [r for r in world["css_accounts"] if r["account_id"] == account and r["effective_date"] <= on]
            last = max(known, key=lambda r: (r["effective_date"], r["changed_at_utc"]), default=None)
            valid = _on(found.filter(account_id=account), on)
            is_active = last is not None and last["account_status"] == "active"
            assert valid["rate_code"].to_list() == ([last["rate_code"]] if last and is_active else [])
            active += [on] if is_active else []
        if active:
            assert set(found.filter(account_id=account)["service_start_date"]) == {active[0]}


def test_equal_states_with_blanks_are_one_period() -> None:
    rows = pl.DataFrame(
        {"key": ["a"] * 4, "effective_date": [date(2026, 1, n) for n in (1, 2, 3, 4)], "value": [None, None, 1, None]}
    )
    found = periods(rows, ["key"], ["value"])
    assert found["value"].to_list() == [None, 1, None]
    assert found["valid_to_date"].to_list() == [date(2026, 1, 3), date(2026, 1, 4), None]


def test_a_status_is_as_old_as_its_last_change() -> None:
    rows = [
        {"enrollment_id": "E", "enrollment_status": "pending", "effective_date": day("01-01")},
        {"enrollment_id": "E", "enrollment_status": "active", "effective_date": day("01-05")},
        {"enrollment_id": "E", "enrollment_status": "active", "effective_date": day("01-09"), "campaign_id": "C"},
    ]
    found = build({"css_enrollments": rows})[ENROLLMENTS].row(0, named=True)
    assert (found["enrollment_status"], found["status_since_date"]) == ("active", day("01-05"))
    assert found["campaign_id"] == "C"


def test_a_table_without_rows_stays_without_rows() -> None:
    built: dict[Table, pl.DataFrame] = build({})
    assert all(rows.is_empty() for rows in built.values())


def _on(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    is_open = pl.col("valid_to_date").is_null() | (pl.col("valid_to_date") > on)
    return rows.filter((pl.col("valid_from_date") <= on) & is_open)
