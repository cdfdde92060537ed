"""Which days of which meters make a day of an account."""

from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from models.tables.entities import METER_OCCUPANCY, PREMISES
from models.tables.vee import METER_DAY_PROFILES
from models.usage.account_days import account_days

ON = date(2026, 1, 10)


def profile(meter: str, wh: int = 1000, on: date = ON, **values: Any) -> dict[str, Any]:
    whole = {"interval_minutes": 15, "expected_count": 96, "read_count": 96, "valid_count": 96, "estimated_count": 0}
    return {"meter_id": meter, "channel_code": "delivered", "usage_date": on, "valid_wh": wh} | whole | values


def stay(meter: str, account: str | None, **values: Any) -> dict[str, Any]:
    alone = {"valid_from_date": date(2026, 1, 1), "valid_to_date": None, "premise_id": "P1", "account_meter_count": 1}
    return {"meter_id": meter, "account_id": account} | alone | values


def asked(profiles: list[dict[str, Any]], stays: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    frames = {
        "meter_day_profiles": pl.DataFrame(profiles, schema_overrides=_schema(METER_DAY_PROFILES, profiles)),
        "meter_occupancy": pl.DataFrame(stays, schema_overrides=_schema(METER_OCCUPANCY, stays)),
        "premises": pl.DataFrame(
            [{"premise_id": "P1", "climate_zone": "old", "is_current": False},
             {"premise_id": "P1", "climate_zone": "coast", "is_current": True}],
            schema_overrides={"is_current": PREMISES.empty().schema["is_current"]},
        ),
    }  # fmt: skip
    with duckdb.connect() as con:
        for name, frame in frames.items():
            con.register(name, frame.to_arrow())
        return account_days(con).rows()


def _schema(table: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = table.empty().schema
    return {name: kinds[name] for name in rows[0] if not isinstance(kinds[name], pl.Enum)}


def test_meters_of_an_account_are_added_up_and_others_left_out() -> None:
    pair = {"account_meter_count": 2}
    rows = asked(
        [profile("M1"), profile("M2", 500), profile("SUB", 300), profile("VACANT", 70), profile("UNKNOWN", 9),
         profile("M1", 40, channel_code="received")],
        [stay("M1", "A1", **pair), stay("M2", "A1", **pair), stay("SUB", "A1", account_meter_count=None),
         stay("VACANT", None, account_meter_count=None)],
    )  # fmt: skip
    assert rows == [("A1", "coast", ON, 1500)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (profile("M2", valid_count=95), None),
        (profile("M2", read_count=95, valid_count=95), None),
        (profile("M2", valid_count=95, estimated_count=1), None),
        (None, None),
        (profile("M2", read_count=0, valid_count=0, valid_wh=0), None),
        (profile("M2", 7, expected_count=24, valid_count=24, interval_minutes=60), 1007),
    ],
)
def test_a_day_is_valid_if_every_meter_is(second: dict[str, Any] | None, expected: int | None) -> None:
    pair = {"account_meter_count": 2}
    stays = [stay("M1", "A1", **pair), stay("M2", "A1", **pair)]
    assert asked([profile("M1"), *([second] if second else [])], stays) == [("A1", "coast", ON, expected)]


def test_an_exchange_at_noon_makes_a_whole_day_and_an_installation_does_not() -> None:
    half = {"expected_count": 48, "valid_count": 48}
    pair = {"account_meter_count": 2}
    stays = [stay("M1", "A1", **pair), stay("M2", "A1", **pair), stay("M3", "A2")]
    rows = asked([profile("M1", 400, **half), profile("M2", 600, **half), profile("M3", 600, **half)], stays)
    assert rows == [("A1", "coast", ON, 1000), ("A2", "coast", ON, None)]


@pytest.mark.parametrize(("count", "wh"), [(92, 1000), (100, 1000), (91, None)])
def test_the_days_on_which_the_clock_changes_are_whole(count: int, wh: int | None) -> None:
    rows = asked([profile("M1", expected_count=count, valid_count=count)], [stay("M1", "A1")])
    assert rows == [("A1", "coast", ON, wh)]


def test_a_day_belongs_to_who_lived_there_and_is_left_out_where_nothing_is_known() -> None:
    later = date(2026, 1, 12)
    stays = [stay("M1", "A1", valid_to_date=date(2026, 1, 11)), stay("M1", "A2", valid_from_date=later)]
    unknown = {"read_count": 0, "valid_count": 0, "valid_wh": 0}
    rows = asked(
        [profile("M1", 1), profile("M1", 2, date(2026, 1, 11)), profile("M1", 3, later),
         profile("M1", on=date(2026, 1, 13), **unknown)],
        stays,
    )  # fmt: skip
    assert rows == [("A1", "coast", ON, 1), ("A2", "coast", later, 3)]
