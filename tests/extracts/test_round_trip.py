"""Any valid rows of any contract come back as they were sent, wherever pieces end and however fields are quoted."""

import csv
import io
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.extracts import SYSTEMS, Extract, System
from pipelines.extracts.envelope import read_envelope
from pipelines.extracts.judging import judge
from pipelines.extracts.records import pieces
from tests.extracts.written import sealed

CONTRACTS = [(system, extract) for system in SYSTEMS for extract in system.extracts]
RESERVED = ("TABLE,", "HEADER,", "TRAILER,")
INTEGERS = {dy.Int16: 15, dy.Int32: 31, dy.Int64: 63}
SENT = datetime(2026, 8, 26, 5, tzinfo=UTC)
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from('\n",; \u00a0é中')


def _is_free(text: str) -> bool:
    return not any(line.startswith(RESERVED) for line in text.split("\n"))


def values(name: str, column: dy.Column) -> st.SearchStrategy[Any]:
    """Values that a column accepts; null where it may be blank."""
    found: st.SearchStrategy[Any]
    if isinstance(column, dy.Enum):
        found = st.sampled_from(list(column.categories))
    elif isinstance(column, dy.Bool):
        found = st.booleans()
    elif isinstance(column, dy.Date):
        found = st.dates(date(1900, 1, 1), date(2199, 12, 31))
    elif isinstance(column, dy.Datetime):
        first, latest = (datetime.fromisoformat(f"{day}T00:00:00") for day in ("1900-01-01", "2199-12-31"))
        last = SENT.replace(tzinfo=None) if name == "changed_at_utc" else latest
        found = st.datetimes(first, last).map(lambda moment: moment.replace(microsecond=0))
        if name == "observed_hour_start_utc":
            found = found.map(lambda moment: moment.replace(minute=0, second=0))
    elif isinstance(column, dy.Decimal):
        largest = Decimal(10) ** (int(column.precision or 38) - int(column.scale)) - 1
        found = st.decimals(-largest, largest, places=int(column.scale))
    elif isinstance(column, dy.String):
        found = st.from_regex(column.regex.replace(r"\d", "[0-9]"), fullmatch=True) if column.regex else (
            st.text(CHARACTERS, min_size=1, max_size=30).filter(_is_free)
        )  # fmt: skip
    elif getattr(column, "is_in", None) is not None:
        found = st.sampled_from(list(column.is_in))
    else:
        bits = INTEGERS[type(column)]
        lowest, highest = getattr(column, "min", None), getattr(column, "max", None)
        found = st.integers(-(2**bits) if lowest is None else lowest, 2**bits - 1 if highest is None else highest)
    return st.none() | found if column.nullable else found


def is_lawful(extract: Extract, row: dict[str, Any]) -> bool:
    """True where the contract's rules hold between the columns of a row."""
    frame = pl.DataFrame([row], schema=extract.schema.create_empty().schema)
    return frame.select(pl.all_horizontal(True, *(rule.holds.fill_null(value=True) for rule in extract.rules))).item()


def as_sent(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def file_text(system: System, extract: Extract, rows: list[dict[str, Any]], order: list[str]) -> str:
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerow(order)
    for row in rows:
        writer.writerow([as_sent(row[name]) for name in order])
    header = f"HEADER,{system.code},SIMUTIL,history,2026-08-01,2026-08-25,{SENT:%Y-%m-%dT%H:%M:%SZ}\n"
    return sealed(header, f"TABLE,{extract.name}\n{body.getvalue()}", len(rows))


@pytest.mark.req("FR-04")
@pytest.mark.parametrize(("system", "extract"), CONTRACTS, ids=lambda one: getattr(one, "name", ""))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_valid_rows_come_back(system: System, extract: Extract, data: st.DataObject) -> None:
    row = st.fixed_dictionaries({name: values(name, column) for name, column in extract.columns.items()})
    row = row.filter(partial(is_lawful, extract))
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    order = data.draw(st.permutations(list(extract.columns)))
    piece_bytes = data.draw(st.sampled_from([1, 100, 1 << 20]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sent.csv"
        path.write_text(file_text(system, extract, rows, order), encoding="utf-8", newline="")
        envelope = read_envelope(path, "SIMUTIL", SENT.replace(tzinfo=None))
        (section,) = envelope.sections
        judged = [judge(extract, envelope.header, piece) for piece in pieces(path, section, piece_bytes)]
    rejects = pl.concat([one.rejects for one in judged])
    assert rejects.is_empty(), rejects.rows()
    back = pl.concat([one.rows for one in judged])
    assert back["row_number"].is_sorted(), "lines rise through the file"
    assert back.drop("row_number").to_dicts() == rows
    assert envelope.row_count == back.height
