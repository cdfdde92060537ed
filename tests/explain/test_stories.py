"""One meter per story: what an explanation says of it, worked out by hand."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from pipelines.explain.explanation import Explanation
from pipelines.home import Home
from tests.explain.asking import ask, is_exact, rows
from tests.explain.stories import FIRST_RECEIPT, LATE_RECEIPT
from tests.vee.worlds import file_id

TUESDAY = "2026-03-10"
LIKE_DAYS = ["02-24", "02-25", "02-26", "02-27", "03-02", "03-03", "03-04", "03-05", "03-06", "03-09"]


def _errors(told: Explanation) -> list[tuple[str, str, int]]:
    """Rules that led to something; that the values of a day are equal is remarked upon besides."""
    return [
        (row["rule_code"], row["action_code"], row["failed_count"])
        for row in rows(told, "failed_rules")
        if row["severity_code"] == "error"
    ]


def _z(instant: object) -> str:
    return f"{instant}".replace(" ", "T") + "Z"


def test_a_clean_day_is_the_sum_of_its_reads(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "CLEAN", TUESDAY, "delivered_kwh")
    assert is_exact(told)
    assert told.value == Decimal("10.560")
    assert told.unit == "kWh"
    intervals = rows(told, "intervals")
    assert [(row["final_wh"], row["reported_wh"], row["how"]) for row in intervals] == [(110, 110, "as reported")] * 96
    assert (intervals[0]["interval_start_utc"], intervals[0]["interval_start_local"]) == (
        "2026-03-10T07:00:00Z",
        "2026-03-10T00:00:00-07:00",
    )
    assert {row["file_id"] for row in rows(told, "raw_reads")} == {file_id("clean")}
    assert {row["use"] for row in rows(told, "raw_reads")} == {"stands"}
    assert rows(told, "files") == [
        {
            "file_id": file_id("clean"),
            "file_name": f"test/{file_id('clean')}",
            "received_at_utc": _z(FIRST_RECEIPT),
            "values": 96,
        }
    ]
    for code in ("estimates", "reference_days", "register_readings", "versions"):
        assert not rows(told, code)
    assert _errors(told) == []
    assert not told.notes


def test_the_day_of_the_spring_change_has_92_intervals(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "CLEAN", "2026-03-08", "expected_interval_count")
    assert (told.value, is_exact(told)) == (92, True)
    assert "00:00 PST to 2026-03-09 00:00 PDT" in told.formula
    energy = ask(stories, "fct_daily_usage", "CLEAN", "2026-03-08", "delivered_kwh")
    assert (energy.value, is_exact(energy)) == (Decimal("9.936"), True)


def test_a_short_gap_is_a_line(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "LINE", TUESDAY, "delivered_kwh")
    assert is_exact(told)
    assert [(row["final_wh"], row["method_code"], row["how"]) for row in rows(told, "estimates")] == [
        (wh, "E1", f"step {step} of 5 on the line from 100 Wh to 200 Wh")
        for step, wh in enumerate((120, 140, 160, 180), start=1)
    ]
    assert _errors(told) == [("V03", "estimate", 4)]
    assert ask(stories, "fct_daily_usage", "LINE", TUESDAY, "estimated_interval_count").value == 4


def test_a_long_gap_is_the_mean_of_its_like_days(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "LIKE", TUESDAY, "delivered_kwh")
    assert is_exact(told)
    assert {(row["final_wh"], row["method_code"], row["how"]) for row in rows(told, "estimates")} == {
        (113, "E2", "mean of 10 like days: 1131 Wh ÷ 10")
    }
    assert [row["reference_date"] for row in rows(told, "reference_days")] == [f"2026-{day}" for day in LIKE_DAYS]


@pytest.mark.parametrize(
    ("day", "method", "count", "counted", "how"),
    [
        (TUESDAY, "E2R", 24, 10_560, "mean of 10 like days: 1149 Wh ÷ 10; share 115 of 2760 in 2640 Wh"),
        ("2026-03-11", "E0", 1, 10_656, "less the valid intervals between the readings"),
        ("2026-03-05", "E1R", 4, 10_080, "step 1 of 5 on the line from 105 Wh to 105 Wh; share 105 of 420 in 420 Wh"),
    ],
)
def test_an_estimate_comes_to_what_the_register_counted(
    stories: Home, day: str, method: str, count: int, counted: int, how: str
) -> None:
    told = ask(stories, "fct_daily_usage", "COUNTED", day, "delivered_kwh")
    assert is_exact(told)
    assert told.value == Decimal(counted) / 1000
    estimates = rows(told, "estimates")
    assert [(row["final_wh"], row["method_code"]) for row in estimates] == [(100 + int(day[-2:]), method)] * count
    assert how in estimates[0]["how"]
    before, after = rows(told, "register_readings")
    assert after["reported_wh"] - before["reported_wh"] == counted
    assert before["read_at_utc"] <= estimates[0]["interval_start_utc"] < after["read_at_utc"]


def test_of_two_values_the_one_received_last_stands_and_the_other_is_shown(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "CONFLICT", TUESDAY, "delivered_kwh")
    assert is_exact(told)
    assert told.value == Decimal("10.560") + 2 * Decimal("0.223")
    outranked = [row for row in rows(told, "raw_reads") if row["use"] != "stands"]
    again = file_id("conflict again")
    assert [(row["file_id"], row["reported_wh"], row["use"]) for row in outranked] == [
        (file_id("conflict"), 110, f"outranked by {again} row 1")
    ] * 2
    assert _errors(told) == [("V01", "keep_latest", 2)]


def test_a_refused_value_is_shown_beside_its_estimate(stories: Home) -> None:
    told = ask(stories, "fct_interval_usage", "WRONG", "2026-03-10T19:00Z", "delivered_kwh")
    assert is_exact(told)
    (interval,) = rows(told, "intervals")
    names = ("reported_wh", "final_wh", "adjustment_wh", "method_code")
    assert [interval[name] for name in names] == [-7, 110, 117, "E1"]
    assert ask(stories, "fct_interval_usage", "WRONG", "2026-03-10T12:00-07:00", "avg_kw").value == Decimal("0.44")


def test_an_unknown_value_says_why(stories: Home) -> None:
    told = ask(stories, "fct_interval_usage", "UNKNOWN", "2026-02-20T20:00Z", "delivered_kwh")
    assert (told.value, told.recomputed.value, is_exact(told)) == (None, None, True)
    (estimate,) = rows(told, "estimates")
    assert estimate["quality_code"] == "N"
    assert estimate["how"].startswith("unknown: nothing was reported")
    day = ask(stories, "fct_daily_usage", "UNKNOWN", "2026-02-20", "interval_count")
    assert (day.value, is_exact(day)) == (72, True)


def test_a_late_value_shows_what_was_believed_before(stories: Home) -> None:
    told = ask(stories, "fct_daily_usage", "LATE", TUESDAY, "delivered_kwh")
    assert is_exact(told)
    assert told.value == Decimal(72 * 110 + 24 * 250) / 1000
    versions = rows(told, "versions")
    assert {(row["delivered_wh"], row["delivered_method_code"]) for row in versions} == {(113, "E2")}
    assert {(row["believed_from_utc"], row["believed_to_utc"]) for row in versions} == {
        (_z(FIRST_RECEIPT), _z(LATE_RECEIPT))
    }
    assert len(versions) == 24
    assert {row["file_id"] for row in rows(told, "files")} == {file_id("late"), file_id("late rest")}


def _estimates(home: Home, meter_id: str, day: str = TUESDAY, column: str = "delivered_kwh") -> list[dict[str, Any]]:
    told = ask(home, "fct_daily_usage", meter_id, day, column)
    assert is_exact(told), told.recomputed.sentence
    return rows(told, "estimates")


def test_an_edited_value_names_who_decided_and_neighbours_rest_on_it(stories: Home) -> None:
    edited, *line = _estimates(stories, "EDITED")
    assert (edited["final_wh"], edited["quality_code"], edited["how"]) == (
        500,
        "G",
        "edited by jane: a reason (edit e2)",
    )
    assert [(row["final_wh"], row["method_code"]) for row in line] == [(370, "E1"), (240, "E1")]
    (verified,) = _estimates(stories, "EDITED", "2026-03-11")
    assert (verified["final_wh"], verified["quality_code"]) == (2_000_000, "V")
    assert verified["how"] == "verified by jane: a reason (edit e3)"
    assert _estimates(stories, "EDITED", "2026-03-05") == []


def test_values_in_the_wrong_unit_keep_their_shape_past_a_rollover(stories: Home) -> None:
    found = _estimates(stories, "UNIT")
    assert Counter(row["method_code"] for row in found) == {"E0R": 92, "E2R": 4}
    assert sum(row["final_wh"] for row in found) == 96 * 110
    # The gap weighs 113 Wh, the mean of its like days, a thousandfold as the values beside it.
    assert "its own shape, reported 110000 Wh; share 110000 of 10572000 in 10560 Wh" in found[0]["how"]
    assert "past its highest value 100000000" in found[0]["how"]
    assert "V15 (replace)" in found[0]["reason"]


@pytest.mark.parametrize(("channel", "wh", "other"), [("delivered", 110, "received"), ("received", 36, "delivered")])
def test_exchanged_directions_are_set_right(stories: Home, channel: str, wh: int, other: str) -> None:
    found = _estimates(stories, "EXCHANGED", column=f"{channel}_kwh")
    assert [(row["final_wh"], row["method_code"]) for row in found] == [(wh, "E0")] * 96
    assert found[0]["how"] == f"directions exchanged: reported as energy {other}"
    assert "V09 (replace)" in found[0]["reason"]


@pytest.mark.parametrize(
    ("meter_id", "count", "how"),
    [
        ("DARK", 12, "zero: no service from 2026-03-10 18:50:00 UTC to 2026-03-10 22:05:00 UTC"),
        ("DARK ENDS", 4, "zero: there was no service at either end of the gap"),
    ],
)
def test_what_is_missing_without_service_is_zero(stories: Home, meter_id: str, count: int, how: str) -> None:
    found = _estimates(stories, meter_id)
    assert [(row["final_wh"], row["method_code"], row["how"]) for row in found] == [(0, "E4", how)] * count


def test_a_day_that_the_register_contradicts_is_kept_in_question(stories: Home) -> None:
    found = _estimates(stories, "CONTRADICTED")
    assert {(row["final_wh"], row["quality_code"], row["how"]) for row in found} == {
        (110, "Q", "as reported, kept in question"),
        (111, "Q", "as reported, kept in question"),
    }
    assert "V09 (keep); register" in found[0]["reason"]
    assert "= 11108 Wh, where the reported values come to 10608 Wh" in found[0]["reason"]


def test_with_too_few_like_days_the_class_gives_the_shape(stories: Home) -> None:
    found = _estimates(stories, "CLASS", "2026-02-22")
    assert Counter(row["method_code"] for row in found) == {"E3": 24}
    assert "Wh of 2 valid days on record" in found[0]["how"]
