"""Tables of the lake as recorded: rows of one meter, by civil dates or all of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from models.tables import Table
from pipelines import lake
from pipelines.explain.published import Published, records
from pipelines.home import Home
from pipelines.months import months_between

Run = tuple[date, date]
_ONE_DAY = timedelta(days=1)


class RecordReader:
    """Reads tables of the lake behind a published generation."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def dated(
        self, table: Table, meter_id: str, dates: Collection[date], home: Home | None = None
    ) -> list[dict[str, Any]]:
        """Rows of a meter and some civil dates of a table of the vee layer, in the order of its key."""
        if not dates:
            return []
        spans = spans_of(dates)
        within = " or ".join(f"usage_date between date '{first}' and date '{last}'" for first, last in spans)
        months = sorted({month for span in spans for month in months_between(*span)})
        return self.rows(
            table,
            f"select * from found where meter_id = $meter_id and ({within}) order by {', '.join(table.primary_key)}",
            {"meter_id": meter_id},
            home,
            months,
        )

    def rows(
        self,
        table: Table,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        home: Home | None = None,
        months: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Rows of a query on `found`, which is the table, of some months where these are given."""
        con = self._published.lake
        lake.create_view(con, home or self._published.home, table, "found", months)
        return records(con, sql, parameters)


def spans_of(dates: Iterable[date]) -> list[Run]:
    """Runs of consecutive dates, first and last of each."""
    spans: list[Run] = []
    for day in sorted(dates):
        if spans and spans[-1][1] + _ONE_DAY == day:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
