"""Program files: what is shipped, what is refused and with which sentence, and the rows that are made of them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.documents import DocumentError
from models.programs import GOAL_COLUMNS, GOAL_TYPES, PROGRAM_COLUMNS, Season, goal_rows, program_rows, programs_from
from pipelines.offers import programs
from tests.tariffs.documents import place, shipped

Change = Callable[[dict[str, Any]], object]


def set_at(*path: Any) -> Change:
    """Put the last argument at the place that the others name."""
    *steps, key, value = path
    return lambda documents: place(documents, *steps).__setitem__(key, value)


def refused(*changes: Change) -> list[str]:
    documents = shipped("programs")
    for change in changes:
        change(documents)
    with pytest.raises(DocumentError) as error:
        programs_from(documents)
    return sorted(error.value.mistakes)


@pytest.mark.req("S1-01", part="program files")
def test_shipped_programs_hold_what_a_manager_gives() -> None:
    found = programs()
    assert {"SEP", "SDP", "CPP", "PTR", "EE-REBATE", "TOU-D-PRIME", "BUNDLE-EV"} == set(found)
    assert {program.program_type for program in found.values()} == {"rate", "dr", "ee", "bundle"}
    assert {goal.goal_type for goal in found["SEP"].goals} == set(GOAL_TYPES)
    assert found["SEP"].exclusive_programs == ("SDP",)
    assert found["PTR"].exclusive_programs == ("CPP",)
    assert found["SEP"].eligibility.minimum_load_w == 500
    assert found["CPP"].is_illustrative
    assert not found["TOU-D-PRIME"].is_illustrative


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_at("SEP.yml", "colour", "red"), "SEP.yml: colour is not known here; known are program_id, program_name, "),
        (set_at("SEP.yml", "program_id", "SEQ"), 'SEP.yml: program_id is "SEQ", so the file must be named SEQ.yml'),
        (set_at("SEP.yml", "program_type", "der"), "SEP.yml: program_type must be one of rate, dr, ee, bundle"),
        (set_at("SEP.yml", "rate_code", "D"), "SEP.yml: rate_code belongs in programs of type rate only"),
        (
            lambda documents: documents["TOU-D-PRIME.yml"].pop("rate_code"),
            "TOU-D-PRIME.yml: rate_code is lacking in a program of type rate",
        ),
        (
            set_at("SEP.yml", "exclusive_programs", ["SDP", "XYZ"]),
            "SEP.yml names XYZ in exclusive_programs, and there is no such program",
        ),
        (
            set_at("SEP.yml", "exclusive_programs", []),
            "SDP.yml names SEP in exclusive_programs, but SEP does not name SDP",
        ),
        (
            set_at("SEP.yml", "compatible_programs", ["CPP", "EE-REBATE", "PTR", "SEP", "TOU-D-PRIME"]),
            "SEP.yml names the program itself in compatible_programs",
        ),
        (
            set_at("SEP.yml", "exclusive_programs", ["SDP", "SDP"]),
            "SEP.yml: exclusive_programs names SDP twice",
        ),
        (set_at("BUNDLE-EV.yml", "parts", ["SEP"]), "BUNDLE-EV.yml is a bundle of fewer than two programs"),
        (
            set_at("BUNDLE-EV.yml", "parts", ["SEP", "SDP"]),
            "BUNDLE-EV.yml joins SDP and SEP, which exclude each other",
        ),
        (set_at("CPP.yml", "parts", ["SEP"]), "CPP.yml has parts, which only programs of type bundle have"),
        (
            set_at("SEP.yml", "goals", 1, {"goal_type": "mw", "goal_value": "1", "due_date": date(2026, 9, 30)}),
            "SEP.yml: goals[1] repeats the goal mw due 2026-09-30",
        ),
        (
            set_at("SEP.yml", "goals", 0, "due_date", "2026-09-31"),
            'SEP.yml: goals[0].due_date must be a date such as 2026-06-01, not "2026-09-31"',
        ),
        (
            set_at("SEP.yml", "goals", 0, "goal_type", "megawatts"),
            "SEP.yml: goals[0].goal_type must be one of mw, enrollments, customers, service_accounts, applications, "
            'sign_ups, not "megawatts"',
        ),
        (
            set_at("SEP.yml", "goals", 1, "goal_value", "1.5"),
            "SEP.yml: goals[1].goal_value must be a whole number, since it counts",
        ),
        (
            set_at("SEP.yml", "events", "window_hours", "21-16"),
            'SEP.yml: events.window_hours must be hours of the day such as "16-21", not "21-16"',
        ),
        (
            set_at("SEP.yml", "events", "season", "first", "06-31"),
            'SEP.yml: events.season.first must be a month and day such as "06-01", not "06-31"',
        ),
        (
            set_at("SEP.yml", "events", "shortest_minutes", 270),
            "SEP.yml: events has a shortest event of 270 minutes and a longest one of 240",
        ),
        (
            set_at("SEP.yml", "events", "longest_minutes", 330),
            "SEP.yml: events has events of 330 minutes in a window of 300 minutes",
        ),
        (
            set_at("SEP.yml", "eligibility", "required_device_types", ["toaster"]),
            "SEP.yml: eligibility.required_device_types[0] must be one of ihd, ems, pct",
        ),
        (
            set_at("SEP.yml", "eligibility", "minimum_load_kw", 0.5),
            'SEP.yml: eligibility.minimum_load_kw must be a number in quotation marks, such as "0.35546", not 0.5',
        ),
        (
            set_at("SEP.yml", "incentives", 0, "status", "sure"),
            "SEP.yml: incentives[0].status must be one of sourced, one_source, historical, illustrative",
        ),
    ],
)
def test_a_mistake_is_named(change: Change, sentence: str) -> None:
    mistakes = refused(change)
    assert any(mistake.startswith(sentence) for mistake in mistakes), mistakes


def test_a_program_that_is_both_compatible_and_exclusive_is_named() -> None:
    both = ["CPP", "EE-REBATE", "PTR", "TOU-D-PRIME", "SDP"]
    mistakes = refused(set_at("SEP.yml", "compatible_programs", both))
    assert mistakes == [
        "SEP.yml calls SDP both compatible and exclusive",
        "SEP.yml names SDP in compatible_programs, but SDP does not name SEP",
    ]


def test_all_mistakes_are_told_at_once() -> None:
    mistakes = refused(
        set_at("SEP.yml", "program_name", ""),
        set_at("PTR.yml", "goals", 0, "goal_value", "-1"),
        set_at("CPP.yml", "charges", 0, "unit", "year"),
    )
    assert mistakes == [
        'CPP.yml: charges[0].unit must be one of enrollment, season, kwh, ton_day, device, not "year"',
        'PTR.yml: goals[0].goal_value must be zero or more, not "-1"',
        'SEP.yml: program_name must be a text, not ""',
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, child in pairs for found in [(*path, key), *places(child, (*path, key))]]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_garbage_anywhere_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    documents = shipped("programs")
    *steps, key = data.draw(st.sampled_from(places(documents)))
    place(documents, *steps)[key] = data.draw(st.sampled_from([None, {}, [[]], {"x": 1}, object(), b"0", 1.5]))
    with pytest.raises(DocumentError) as error:
        programs_from(documents)
    assert all(".yml" in mistake for mistake in error.value.mistakes)


def test_rows() -> None:
    rows, goals = program_rows(programs().values()), goal_rows(programs().values())
    assert rows.schema == PROGRAM_COLUMNS
    assert goals.schema == GOAL_COLUMNS
    assert rows["program_id"].to_list() == sorted(programs())
    sep = rows.row(by_predicate=pl.col("program_id") == "SEP", named=True)
    assert sep["compatible_programs"] == "CPP,EE-REBATE,PTR,TOU-D-PRIME"
    assert sep["required_device_types"] == "pct"
    assert sep["minimum_load_kw"] == Decimal("0.500")
    assert sep["incentive_text"].startswith("enrollment: 75.00 USD per enrollment")
    assert "(illustrative)" in rows.row(by_predicate=pl.col("program_id") == "SDP", named=True)["incentive_text"]
    assert goals.filter(program_id="SEP", goal_type="mw").rows() == [
        ("SEP", "mw", Decimal("0.120"), "MW", date(2026, 9, 30))
    ]
    assert goals.select("program_id", "goal_type", "due_date").is_unique().all()
    assert goals.height == sum(len(program.goals) for program in programs().values())


def test_no_programs_make_empty_frames() -> None:
    assert programs_from({}) == {}
    assert program_rows([]).schema == PROGRAM_COLUMNS
    assert goal_rows([]).is_empty()


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_a_season_and_its_complement_share_the_year(day: date) -> None:
    summer, rest = Season((6, 1), (9, 30)), Season((10, 1), (5, 31))
    assert summer.contains(day) != rest.contains(day)
    assert summer.contains(day) == (6 <= day.month <= 9)
