from datetime import datetime

import polars as pl
import pytest

from pipelines.readers.mdff.nem12 import open_nem12
from pipelines.readers.options import ReadOptions
from tests.readers.nem12.parsed import parse, reasons, text_of

HEADER, END = "100,NEM13,202601010000,MDP1,RET1", "900"
BEFORE, AFTER = datetime(2025, 10, 1, 10, 32, 30), datetime(2026, 2, 1, 10, 0, 30)  # noqa: DTZ001 - naive market clock
FIELDS = {
    "nmi": "6001234567", "configuration": "1141", "register": "01", "suffix": "11", "stream": "11", "serial": "S66",
    "direction": "E", "previous": "00021.2", "previous_at": "20251001103230", "previous_flag": "A",
    "previous_code": "", "previous_text": "", "current": "00534.5", "current_at": "20260201100030",
    "current_flag": "E64", "current_code": "77", "current_text": "", "quantity": "343.5", "unit": "kWh", "next": "",
    "updated": "", "loaded": "",
}  # fmt: skip


def row(**changes):
    return ",".join(["250", *({**FIELDS, **changes}.values())])


@pytest.fixture
def read(tmp_path):
    return lambda *lines, **options: parse(tmp_path / "reads.csv", text_of(*lines), **options)


def test_a_row_holds_two_register_reads(read):
    values, registers, events = read(HEADER, row(), END)
    assert values.is_empty()
    assert registers.drop("offset_minutes", "end_wall", "end_offset_minutes", "multiplier").rows() == [
        (2, 0, "6001234567", "20251001103230", BEFORE, None, "delivered", "11", None, "00021.2", 3, "A", "11", None),
        (
            2,
            1,
            "6001234567",
            "20260201100030",
            AFTER,
            None,
            "delivered",
            "11",
            None,
            "00534.5",
            3,
            "E64",
            "11",
            "343.5",
        ),
    ]
    assert events.select("row_number", "value_position", "wall", "event_code").rows() == [(2, 3, AFTER, "77")]


def test_the_clock_is_the_market_clock(read):
    for zone, offset in ((None, 600), ("Australia/Hobart", 600), ("Australia/Darwin", None)):
        _, registers, events = read(HEADER, row(), END, time_zone=zone)
        assert set(registers["offset_minutes"]) == set(events["offset_minutes"]) == {offset}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("6001234567", "delivered", None, 3, "11")),
        ({"direction": "I", "suffix": "12"}, ("6001234567", "received", None, 3, "12")),
        ({"direction": "i", "unit": "WH"}, ("6001234567", "received", None, 0, "11")),
        ({"direction": ""}, ("6001234567", None, "kWh", None, "11")),
        ({"unit": "kVArh"}, ("6001234567", None, "kVArh", None, "11")),
        ({"unit": ""}, ("6001234567", None, "unknown", None, "11")),
        ({"suffix": "E2"}, ("6001234567/2", "delivered", None, 3, "E2")),
        ({"suffix": ""}, ("6001234567", "delivered", None, 3, "01")),
    ],
)
def test_registers(read, changes, expected):
    _, registers, _ = read(HEADER, row(**changes), END)
    columns = ["meter_id", "channel_code", "unit_code", "power_of_ten", "register_code"]
    assert registers.select(columns).rows() == [expected] * 2


def test_reads_that_cannot_be_placed_are_refused_one_by_one(read):
    values, registers, events = read(
        HEADER,
        row(previous_at=""),
        row(current_at="20260231000000"),
        row(nmi=""),
        "250,N,11,1,11,11,S,E,1,2",
        row(previous="", quantity=""),
        END,
    )
    unread = "cannot be read; write it like 20031220154500"
    assert reasons(registers) == [
        (2, f'time "" {unread}', 1),
        (3, f'time "20260231000000" {unread}', 1),
        (4, "the 250 row names no NMI", 2),
        (5, "the 250 row has 10 fields, and up to its unit 20 are due", 1),
    ]
    assert registers.height == 9
    assert registers.filter(pl.col("row_number") == 6).select("value", "consumption", "reason").rows() == [
        ("", None, None),
        ("00534.5", None, None),
    ]
    assert values.is_empty()
    assert events["row_number"].to_list() == [2, 3, 4, 6]


def test_service_orders_belong_to_the_reads_that_they_led_to(read):
    _, _, events = read(
        HEADER,
        row(current_code=""),
        "550,S,SO1,A,SO2",
        "550,N,,,",
        row(nmi=""),
        "550,,,A,SO3",
        END,
        "550,A,SO4,N,",
        END,
    )
    columns = ["row_number", "value_position", "meter_id", "wall", "event_code", "event_text", "reason"]
    refused, lone = "the read in line 5, to which the row belongs, is refused", "the 550 row stands below no 250 row"
    assert events.filter(pl.col("row_number") != 5).select(columns).rows() == [
        (3, 0, "6001234567", BEFORE, "S", "SO1", None),
        (3, 1, "6001234567", AFTER, "A", "SO2", None),
        (4, 0, "6001234567", BEFORE, "N", None, None),
        (4, 1, "6001234567", AFTER, None, None, None),
        (6, 1, None, None, "A", "SO3", refused),
        (8, 0, None, None, "A", "SO4", lone),
        (8, 1, None, None, "N", None, lone),
    ]


def test_reasons_of_both_reads_are_events(read):
    _, _, events = read(
        HEADER, row(previous_code="0", previous_text="Locked gate", current_code="0"), row(current_code=""), END
    )
    assert events.select("value_position", "wall", "event_code", "event_text").rows() == [
        (2, BEFORE, "0", "Locked gate")
    ]


def test_refused_lines_keep_their_text(tmp_path):
    path = tmp_path / "reads.csv"
    path.write_text(text_of(HEADER, row(nmi=""), END))
    (batch,) = open_nem12(path, ReadOptions()).batches()
    assert batch.row_texts(batch.registers).to_list() == [row(nmi="")] * 2
