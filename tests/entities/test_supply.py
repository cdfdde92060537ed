"""Meter × account × period, against what a person would answer date by date."""

import math
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities.reads import OF_READS
from models.entities.supply import common_length
from models.tables.entities import METER_INSTALLATIONS, METER_OCCUPANCY, METERS
from tests.entities.extracts import build, day
from tests.vee.worlds import EXAMPLES

MANY = settings(EXAMPLES, max_examples=EXAMPLES.max_examples * 12)
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(14)]
DATES = st.sampled_from(DAYS[:12])
POINTS = ("s1", "s2")


@st.composite
def _streets(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Points of delivery with changing accounts; meters that hang, are removed and hang again elsewhere."""
    points = [
        {"service_point_id": point, "premise_id": f"p-{point}", "effective_date": start,
         "account_id": draw(st.sampled_from([None, "a1", "a2"]))}
        for point in POINTS
        for start in draw(st.sets(DATES, max_size=4))
    ]  # fmt: skip
    meters = []
    for meter in ("m1", "m2", "m3"):
        for installed in draw(st.sets(DATES, max_size=2)):
            removed = draw(st.sampled_from([None, *(on for on in DAYS if on >= installed)]))
            meters.append(
                {"meter_id": meter, "service_point_id": draw(st.sampled_from(POINTS)), "installed_date": installed,
                 "removed_date": removed, "interval_minutes": {"m1": 15, "m2": 60, "m3": 10}[meter],
                 "parent_meter_id": draw(st.sampled_from([None, None, "m9"]))}
            )  # fmt: skip
    return {"css_service_points": points, "css_meters": meters}


def _hanging(world: dict[str, Any], meter: str, on: date) -> dict[str, Any] | None:
    """The installation of a meter on a date: the last one begun, unless the meter was taken off on an earlier day."""
    begun = [row for row in world["css_meters"] if row["meter_id"] == meter and row["installed_date"] <= on]
    last = max(begun, key=lambda row: row["installed_date"], default=None)
    return None if last is None or (last["removed_date"] and last["removed_date"] < on) else last


def _served(world: dict[str, Any], meter: str, on: date) -> tuple[str, str | None] | None:
    """Premise and account of a meter on a date, None where nothing is known."""
    hanging = _hanging(world, meter, on)
    said = [
        row
        for row in world["css_service_points"]
        if hanging and row["service_point_id"] == hanging["service_point_id"] and row["effective_date"] <= on
    ]
    last = max(said, key=lambda row: row["effective_date"], default=None)
    return (last["premise_id"], last["account_id"]) if last else None


@MANY
@given(_streets())
def test_every_date_has_the_premise_and_account_that_a_person_would_name(world: dict[str, Any]) -> None:
    found = build(world)[METER_OCCUPANCY]
    for meter in ("m1", "m2", "m3"):
        for on in DAYS:
            rows = _on(found.filter(meter_id=meter), on)
            expected = _served(world, meter, on)
            assert rows.select("premise_id", "account_id").rows() == ([expected] if expected else []), (meter, on)


@MANY
@given(_streets())
@pytest.mark.req("FR-09", part="data")
def test_meters_that_count_are_told_how_many_they_are_and_how_they_add_up(world: dict[str, Any]) -> None:
    found = build(world)[METER_OCCUPANCY]
    for on in DAYS:
        rows = _on(found, on)
        for account in ("a1", "a2"):
            counting = {
                meter
                for meter in ("m1", "m2", "m3")
                if (served := _served(world, meter, on)) and served[1] == account
                and (hanging := _hanging(world, meter, on)) and hanging["parent_meter_id"] is None
            }  # fmt: skip
            mine = rows.filter(pl.col("account_meter_count").is_not_null(), account_id=account)
            assert set(mine["meter_id"]) == counting
            assert set(mine["account_meter_count"]) == ({len(counting)} if counting else set())
            lengths = [{"m1": 15, "m2": 60, "m3": 10}[meter] for meter in counting]
            assert set(mine["account_interval_minutes"]) == ({math.lcm(*lengths)} if counting else set())


def test_the_day_of_removal_still_counts_and_the_day_after_does_not() -> None:
    world = {
        "css_service_points": [{"service_point_id": "s", "premise_id": "p", "account_id": "a"}],
        "css_meters": [
            {"meter_id": "old", "service_point_id": "s", "interval_minutes": 15},
            {"meter_id": "old", "service_point_id": "s", "interval_minutes": 15, "effective_date": day("01-10"),
             "removed_date": day("01-10")},
            {"meter_id": "new", "service_point_id": "s", "interval_minutes": 15, "effective_date": day("01-10"),
             "installed_date": day("01-10")},
        ],
    }  # fmt: skip
    built = build(world)
    assert built[METER_INSTALLATIONS].filter(meter_id="old")["removed_date"].to_list() == [day("01-10")]
    found = built[METER_OCCUPANCY]
    serving = {on: sorted(_on(found, day(on))["meter_id"]) for on in ("01-09", "01-10", "01-11")}
    assert serving == {"01-09": ["old"], "01-10": ["new", "old"], "01-11": ["new"]}
    assert _on(found, day("01-10"))["account_meter_count"].to_list() == [2, 2]


@pytest.mark.req("BR-02", part="data")
def test_a_meter_without_interval_data_is_listed_and_does_not_count() -> None:
    world = {
        "css_service_points": [{"service_point_id": "s", "premise_id": "p", "account_id": "a"}],
        "css_meters": [{"meter_id": "m", "service_point_id": "s", "interval_minutes": None}],
    }
    built = build(world)
    assert built[METERS].select("meter_id", "interval_minutes", "first_read_date").rows() == [("m", None, None)]
    row = built[METER_OCCUPANCY].row(0, named=True)
    assert (row["account_id"], row["account_meter_count"], row["account_interval_minutes"]) == ("a", None, None)


@pytest.mark.parametrize(
    ("lengths", "common"),
    [([15], 15), ([15, 60], 60), ([10, 15], 30), ([5, 15, 60], 60), ([60, 1440], 1440), ([7, 60], 1440)],
)
def test_whole_intervals_of_every_length_fill_the_common_one(lengths: list[int], common: int) -> None:
    assert common_length(lengths) == common


def test_the_customer_system_decides_the_class_and_the_reads_the_length() -> None:
    of_reads = pl.DataFrame(
        [("m", "Europe/Berlin", 15, "residential", False, FIRST, DAYS[3], False),
         ("u", "Europe/Berlin", 60, "unclassified", False, FIRST, DAYS[3], True)],
        schema=METERS.empty().select(OF_READS).schema, orient="row",
    )  # fmt: skip
    world = {
        "css_accounts": [{"account_id": "a", "premise_id": "p", "customer_type": "small_business"}],
        "css_service_points": [
            {"service_point_id": "s", "premise_id": "p", "account_id": "a"},
            {"service_point_id": "s", "premise_id": "p", "account_id": None, "effective_date": day("01-05")},
        ],
        "css_meters": [
            {"meter_id": "m", "service_point_id": "s", "interval_minutes": 60, "has_received_channel": True},
            {"meter_id": "n", "service_point_id": "t", "interval_minutes": 60},
        ],
    }
    columns = ["meter_id", "time_zone", "interval_minutes", "customer_class", "has_received_channel"]
    assert build(world, of_reads)[METERS].select(columns).rows() == [
        ("m", "Europe/Berlin", 15, "small_commercial", True),
        ("n", "America/Los_Angeles", 60, "unclassified", False),
        ("u", "Europe/Berlin", 60, "unclassified", True),
    ]


def _on(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    is_open = pl.col("valid_to_date").is_null() | (pl.col("valid_to_date") > on)
    return rows.filter((pl.col("valid_from_date") <= on) & is_open)


def test_a_meter_has_the_climate_zone_of_the_premise_where_it_hung_last() -> None:
    world = {
        "css_premises": [
            {"premise_id": "p", "climate_zone": "coastal"},
            {"premise_id": "p", "climate_zone": "inland", "effective_date": day("02-01")},
            {"premise_id": "q", "climate_zone": "desert"},
        ],
        "css_service_points": [{"service_point_id": f"s{name}", "premise_id": name} for name in "pqr"],
        "css_meters": [
            {"meter_id": "a", "service_point_id": "sp"},
            {"meter_id": "b", "service_point_id": "sp", "installed_date": day("01-01"), "removed_date": day("03-01")},
            {"meter_id": "b", "service_point_id": "sq", "installed_date": day("03-02")},
            {"meter_id": "c", "service_point_id": "sr"},
        ],
    }
    zones = dict(build(world)[METERS].select("meter_id", "climate_zone").rows())
    assert zones == {"a": "inland", "b": "desert", "c": None}
