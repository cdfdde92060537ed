"""Which row holds: the same answer for any order of the same rows."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.extracts import SYSTEMS, Extract, RowKind
from models.extracts.current import current_rows, subject

EXTRACTS = {extract.raw_name: extract for system in SYSTEMS for extract in system.extracts}
STATE, RECORD = EXTRACTS["crm_consents"], EXTRACTS["css_bill_lines"]
MOMENT = datetime.fromisoformat("2026-08-01T00:00:00")


def rows_of(extract: Extract) -> st.SearchStrategy[list[dict[str, Any]]]:
    subjects = {name: st.sampled_from(["x", "y"]) for name in subject(extract)}
    when = st.integers(0, 2).map(lambda hours: MOMENT + timedelta(hours=hours))
    row = st.fixed_dictionaries(
        {**subjects, "changed_at_utc": when, "sent_at_utc": when, "file_id": st.sampled_from(["a", "b"])}
    )
    return st.lists(row, min_size=1, max_size=12).map(
        lambda rows: [{**row, "row_number": place} for place, row in enumerate(rows, start=1)]
    )


@pytest.mark.parametrize("extract", [STATE, RECORD], ids=lambda extract: extract.raw_name)
@given(data=st.data())
def test_one_row_of_each_subject_holds_and_order_does_not_matter(extract: Extract, data: st.DataObject) -> None:
    rows = data.draw(rows_of(extract))
    shuffled = data.draw(st.permutations(rows))
    judged = current_rows(extract, pl.DataFrame(shuffled))
    assert judged.drop("is_superseded").to_dicts() == shuffled, "rows and their order are as given"
    holding: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        about = tuple(row[name] for name in subject(extract))
        best = holding.get(about)
        if best is None or _rank(row) > _rank(best):
            holding[about] = row
    expected = {row["row_number"] for row in holding.values()}
    assert set(judged.filter(~pl.col("is_superseded"))["row_number"]) == expected


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["changed_at_utc"], row["sent_at_utc"], row["file_id"], row["row_number"]


def test_the_effective_date_tells_states_apart_and_records_not() -> None:
    assert STATE.kind is RowKind.STATE
    assert subject(STATE)[-1] == "effective_date"
    assert subject(RECORD) == ("bill_id", "line_number")
    base = {"person_id": "N1", "purpose": "marketing", "recipient": "utility", "file_id": "a", "sent_at_utc": MOMENT}
    rows = pl.DataFrame(
        [{**base, "effective_date": date(2026, 8, day), "changed_at_utc": MOMENT, "row_number": day} for day in (1, 2)]
    )
    assert current_rows(STATE, rows)["is_superseded"].to_list() == [False, False]
