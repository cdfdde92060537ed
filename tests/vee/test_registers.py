"""Estimates between two register readings come to what the register says, by hand and by the oracle."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.vee.conftest import Warehouse
from tests.vee.facts import File, Register
from tests.vee.test_cases import MINUTE, column, failed, validate
from tests.vee.worlds import RECEIVED, file, reads, utc, without

FIRST, LAST = date(2025, 11, 10), date(2025, 11, 20)
DAY = date(2025, 11, 18)
MIDNIGHT = utc(2025, 11, 18, 8)
NOON = MIDNIGHT + timedelta(hours=12)
HOUR = timedelta(hours=1)


def face(at: datetime, extra: int = 0, code: str = "KWHREG", quality: str | None = None) -> Register:
    """What a register shows that has counted 100 Wh an hour since the reads begin."""
    return Register(
        1, "M", "delivered", code, at, 5_000 + 100 * int((at - utc(2025, 11, 10, 8)) / HOUR) + extra, quality
    )


def readings(*registers: Register, name: str = "registers", received_at: datetime = RECEIVED) -> File:
    """A file of readings; it must hold a read too, here one of another meter."""
    numbered = tuple(replace(register, row_number=n) for n, register in enumerate(registers, start=1))
    return replace(file(name, reads("X", FIRST, FIRST, 1440), received_at), registers=numbered)


def hourly(first: datetime, end: datetime) -> File:
    return file("reads", without(reads("M", FIRST, LAST, 60), first, end))


def test_a_single_interval_is_known_exactly(warehouse: Warehouse) -> None:
    bounds = face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, extra=231)
    validate(warehouse, hourly(NOON, NOON + HOUR), readings(*bounds))
    assert column(warehouse, NOON, NOON + HOUR) == [331]
    assert column(warehouse, NOON, NOON + HOUR, "method_code") == ["E0"]


def test_even_one_without_like_days(warehouse: Warehouse) -> None:
    day = utc(2025, 11, 11, 8)
    rows = without(reads("M", FIRST, LAST, 1440), day, day + HOUR)
    validate(warehouse, file("reads", rows), readings(face(day), face(day + 24 * HOUR)))
    assert column(warehouse, day, day + HOUR) == [2_400]
    assert failed(warehouse) == [("delivered", date(2025, 11, 11), "V03", 1, 1)]


def test_several_intervals_share_what_is_left_to_the_watt_hour(warehouse: Warehouse) -> None:
    bounds = face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, extra=101)
    validate(warehouse, hourly(NOON, NOON + 7 * HOUR), readings(*bounds))
    shares = column(warehouse, NOON, NOON + 7 * HOUR)
    assert sum(shares) == 801  # type: ignore[arg-type]
    assert set(shares) == {114, 115}
    assert column(warehouse, NOON, NOON + 7 * HOUR, "method_code") == ["E2R"] * 7


def test_a_span_of_several_days_is_shared_too(warehouse: Warehouse) -> None:
    """The reading at midnight was lost with the reads."""
    bounds = face(MIDNIGHT - 24 * HOUR), face(MIDNIGHT + 24 * HOUR, extra=400)
    validate(warehouse, hourly(MIDNIGHT - HOUR, MIDNIGHT + HOUR), readings(*bounds))
    assert column(warehouse, MIDNIGHT - HOUR, MIDNIGHT + HOUR) == [300, 300]
    assert column(warehouse, MIDNIGHT - HOUR, MIDNIGHT + HOUR, "method_code") == ["E1R"] * 2


@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param([face(MIDNIGHT)], id="one reading"),
        pytest.param([face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, extra=-60_000)], id="the register fell"),
        pytest.param([face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, extra=10**8)], id="more than the service carries"),
        pytest.param([face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, quality="E")], id="an estimated reading"),
        pytest.param([face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR + MINUTE, extra=50)], id="off the grid"),
        pytest.param(
            [face(MIDNIGHT + day * HOUR, extra=7 * day, code=code) for day in (0, 24) for code in ("ON", "OFF")],
            id="registers of a tariff",
        ),
        pytest.param([face(NOON + 5 * HOUR), face(NOON + 8 * HOUR, extra=9)], id="beside the gap"),
    ],
)
def test_a_register_that_says_nothing_changes_nothing(warehouse: Warehouse, bounds: list[Register]) -> None:
    validate(warehouse, hourly(NOON, NOON + 3 * HOUR), readings(*bounds))
    assert column(warehouse, NOON, NOON + 3 * HOUR) == [100] * 3
    assert column(warehouse, NOON, NOON + 3 * HOUR, "method_code") == ["E2"] * 3


def test_a_late_register_scales_again_and_restates_that_day_alone(warehouse: Warehouse) -> None:
    files = [hourly(NOON, NOON + 3 * HOUR), readings(face(MIDNIGHT))]
    validate(warehouse, *files)
    assert column(warehouse, NOON, NOON + 3 * HOUR) == [100] * 3
    bounds = face(MIDNIGHT), face(MIDNIGHT + 24 * HOUR, extra=30)
    late = readings(*bounds, name="late", received_at=RECEIVED + timedelta(days=2))
    warehouse.deliver([late])
    warehouse.run()
    assert column(warehouse, NOON, NOON + 3 * HOUR) == [110] * 3
    assert warehouse.interval("M", NOON)["known_at_utc"] == late.received_at
    assert warehouse.restated(2) == {("M", DAY)}


def test_a_shape_of_zeros_is_shared_evenly(warehouse: Warehouse) -> None:
    rows = without(reads("M", FIRST, LAST, 60, wh=lambda _: 0), NOON, NOON + 4 * HOUR)
    bounds = [Register(1, "M", "delivered", "R", at, wh) for at, wh in ((MIDNIGHT, 7), (MIDNIGHT + 24 * HOUR, 17))]
    validate(warehouse, file("reads", rows), readings(*bounds))
    assert column(warehouse, NOON, NOON + 4 * HOUR) == [3, 2, 3, 2]
