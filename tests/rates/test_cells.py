"""Cells of random streets, gathered once more interval by interval."""

from collections import defaultdict
from datetime import UTC, date, timedelta
from itertools import pairwise
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.rates.cells import READ_COLUMNS, cell_days, meter_days, usage_week_cells
from models.rates.segments import price_boundaries
from models.tables.rates import USAGE_WEEK_CELLS
from pipelines.offers import tariffs
from tests.examples import few_examples
from tests.sims.clocks import interval_starts

BOOK = tariffs()
FIRST = date(2025, 10, 28)
"""From here on the clock is set back, prices change twice, a month begins, and Veterans Day comes."""
LAST = FIRST + timedelta(20)
CHANGES = (date(2025, 11, 15),)


@st.composite
def streets(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Reads, occupancy and billing periods of two accounts; the second has two meters from some day on."""
    random = Random(draw(st.integers(0, 2**32)))
    joined = FIRST + timedelta(draw(st.integers(0, 20)))
    lengths = {"M1": draw(st.sampled_from([15, 60])), "M2": 15, "M3": draw(st.sampled_from([15, 30, 60]))}
    begins = {"M1": FIRST, "M2": FIRST, "M3": joined}
    coarsest = max(lengths["M2"], lengths["M3"])
    occupancy = [
        ("M1", "A1", FIRST, None, 1, lengths["M1"]),
        ("M2", "A2", FIRST, joined, 1, 15),
        ("M2", "A2", joined, None, 2, coarsest),
        ("M3", "A2", joined, None, 2, coarsest),
    ]
    cuts = sorted(draw(st.sets(st.integers(1, 20), max_size=2)))
    bounds = [FIRST, *(FIRST + timedelta(cut) for cut in cuts), None]
    periods = [
        (account, begin, end, lengths["M1"] if account == "A1" else coarsest if end is None or end > joined else 15)
        for account in ("A1", "A2")
        for begin, end in pairwise(bounds)
        if begin is not None
    ]
    reads = []
    for meter, minutes in lengths.items():
        for at in interval_starts(begins[meter], LAST + timedelta(1), minutes):
            if random.random() < 0.02:
                continue
            reads.append(
                (
                    meter,
                    at.astimezone(UTC).replace(tzinfo=None),
                    int((at.utcoffset() or timedelta()).total_seconds() // 60),
                    None if random.random() < 0.02 else random.randint(0, 900),
                    random.choice([None, 0, random.randint(0, 900)]) if meter == "M1" else None,
                    random.choice([None, None, "E2"]),
                )
            )
    names = ("meter_id", "account_id", "valid_from_date", "valid_to_date", "account_meter_count")
    kinds = (pl.String, pl.Datetime("us"), pl.Int16, pl.Int32, pl.Int32, pl.String)
    bill = ("account_id", "bill_start_date", "bill_end_date", "interval_minutes")
    return (
        pl.DataFrame(reads, schema=dict(zip(READ_COLUMNS, kinds, strict=True)), orient="row"),
        pl.DataFrame(occupancy, schema=[*names, "account_interval_minutes"], orient="row"),
        pl.DataFrame(periods, schema=bill, orient="row"),
    )


def expected(
    reads: pl.DataFrame, occupancy: pl.DataFrame, periods: pl.DataFrame
) -> dict[tuple[object, ...], list[int]]:
    """The cells, one interval after another."""
    sums: dict[tuple[object, ...], list[object]] = defaultdict(lambda: [0, 0, True, False])
    for meter, at, offset, taken, back, method in reads.iter_rows():
        local = at + timedelta(minutes=offset)
        account = "A1" if meter == "M1" else "A2"
        start, minutes = next(
            (start, minutes)
            for name, start, end, minutes in periods.iter_rows()
            if name == account and start <= local.date() and (end is None or local.date() < end)
        )
        epoch = int(at.replace(tzinfo=UTC).timestamp() // 60)
        found = sums[(account, start, local.date(), epoch // minutes)]
        found[0] = int(str(found[0])) + (taken or 0)
        found[1] = int(str(found[1])) + (back or 0)
        found[2] = found[2] and taken is not None
        found[3] = found[3] or method is not None
        found[4:] = [min([local.hour, *found[4:]])]  # type: ignore[type-var]
    cells: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * 7)
    for (account, start, day, _), (taken, back, is_known, is_estimated, hour) in sums.items():  # type: ignore[misc]
        segment = max([start, day.replace(day=1), *(change for change in CHANGES if change <= day)])
        monday = day - timedelta(day.weekday())
        cell = cells[(account, start, segment, monday, BOOK.calendar.is_weekend(day), hour)]
        net = max(taken - back, 0)
        cell[:3] = [cell[0] + taken, cell[1] + back, cell[2] + net]
        cell[3:5] = [max(cell[3], taken), max(cell[4], net)]
        cell[5:] = [cell[5] + is_known, cell[6] + (is_known and is_estimated)]
    return dict(cells)


@few_examples(25)
@given(streets())
def test_cells_are_what_the_intervals_add_up_to(street: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    reads, occupancy, periods = street
    days = cell_days(meter_days(occupancy, FIRST, LAST), periods, price_boundaries(BOOK), BOOK.calendar)
    cells = USAGE_WEEK_CELLS.schema.validate(usage_week_cells(reads, days), cast=True)
    found = {row[:6]: list(row[7:]) for row in cells.iter_rows()}
    assert found == expected(reads, occupancy, periods)
    assert cells["delivered_wh"].sum() == reads["delivered_wh"].sum()
