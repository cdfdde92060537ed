"""Intervals into weekly cells: one pass over the reads, after which every rate, scenario or bootstrap is arithmetic."""

from datetime import date

import numpy as np
import polars as pl

from models.rates.lines import Integers
from models.rates.usage import ENERGIES, HOURS, PEAKS
from models.tariffs import TariffCalendar

READ_COLUMNS = (
    "meter_id", "interval_start_utc", "utc_offset_minutes", "delivered_wh", "received_wh", "delivered_method_code",
)  # fmt: skip

_KEY = ("account_id", "bill_start_date", "segment_start_date", "week_start_date", "is_weekend")
_COUNTS = ("interval_count", "estimated_count")
_PEAKS_OF = ("delivered_wh", "net_import_wh")
_MICROSECONDS = 60_000_000


def meter_days(occupancy: pl.DataFrame, first_date: date, last_date: date) -> pl.DataFrame:
    """Which days of which meters count for which account.

    Args:
        occupancy: Rows of `entities.meter_occupancy`.
        first_date: First local date.
        last_date: Last one, included.

    Returns:
        meter_id, usage_date, account_id, account_meter_count, account_interval_minutes: days of main meters that serve
        an account.
    """
    first, last = pl.lit(first_date), pl.lit(last_date)
    return (
        occupancy.filter(pl.col("account_meter_count").is_not_null())
        .select(
            "meter_id", "account_id", "account_meter_count", "account_interval_minutes",
            begin=pl.max_horizontal("valid_from_date", first),
            end=pl.min_horizontal(pl.col("valid_to_date").dt.offset_by("-1d"), last),
        )
        .filter(pl.col("begin") <= pl.col("end"))
        .with_columns(usage_date=pl.date_ranges("begin", "end"))
        .explode("usage_date")
        .drop("begin", "end")
    )  # fmt: skip


def cell_days(
    days: pl.DataFrame, periods: pl.DataFrame, boundaries: list[int], calendar: TariffCalendar
) -> pl.DataFrame:
    """To which cells the days of meters belong.

    Args:
        days: As `meter_days` returns.
        periods: Rows of `analytics.billing_periods`.
        boundaries: Local dates on which a price of any rate changes, in days since 1970-01-01, ascending.
        calendar: Holidays that are priced as weekend.

    Returns:
        meter_id, usage_date, the key of cells but the hour, interval_minutes, is_alone (the meter's intervals are those
        of the account), sorted by key and meter; days outside of any billing period are left out.
    """
    bounds = periods.select("account_id", "bill_start_date", "bill_end_date", "interval_minutes")
    found = (
        days.sort("usage_date")
        .join_asof(
            bounds.sort("bill_start_date"), left_on="usage_date", right_on="bill_start_date", by="account_id",
            check_sortedness=False,
        )
        .filter(
            pl.col("bill_start_date").is_not_null(),
            pl.col("bill_end_date").is_null() | (pl.col("usage_date") < pl.col("bill_end_date")),
        )
    )  # fmt: skip
    weekend = [day for day in found["usage_date"].unique().to_list() if calendar.is_weekend(day)]
    changes = pl.DataFrame({"change": pl.Series(boundaries, dtype=pl.Int32).cast(pl.Date)})
    one_length = pl.col("account_interval_minutes") == pl.col("interval_minutes")
    return (
        found.join_asof(changes, left_on="usage_date", right_on="change", check_sortedness=False)
        .select(
            "meter_id",
            "usage_date",
            "account_id",
            "bill_start_date",
            pl.max_horizontal("bill_start_date", "change", pl.col("usage_date").dt.truncate("1mo")).alias(
                "segment_start_date"
            ),
            pl.col("usage_date").dt.truncate("1w").alias("week_start_date"),
            pl.col("usage_date").is_in(weekend).alias("is_weekend"),
            "interval_minutes",
            is_alone=(pl.col("account_meter_count") == 1) & one_length,
        )
        .sort(*_KEY, "meter_id", "usage_date")
    )


def usage_week_cells(reads: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Gather intervals into weekly cells.

    Args:
        reads: Columns `READ_COLUMNS` of `vee.interval_reads`, in stretches sorted by meter and start. Adding up runs of
            sorted rows took a third of the time that grouping them in SQL did.
        days: As `cell_days` returns.

    Returns:
        Rows of `analytics.usage_week_cells`, sorted by key. Energy of several meters is added up interval by interval,
        on the grid of the coarsest one, before maxima are taken.
    """
    groups = days.select(_KEY).unique(maintain_order=True).with_columns(cell_days=pl.int_range(pl.len()))
    numbered = days.join(groups, on=_KEY).with_columns(day=pl.col("usage_date").to_physical())
    alone, together = numbered.filter("is_alone"), numbered.filter(~pl.col("is_alone"))
    parts = [_hours_alone(reads, alone), *([_intervals_together(reads, together)] if together.height else [])]
    gathered = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cell, count = gathered.pop("cell"), groups.height * HOURS
    columns = {name: _added(gathered[name], cell, count) for name in (*ENERGIES, *_COUNTS)}
    columns |= {name: _largest(gathered[name], cell, count) for name in PEAKS}
    used = np.flatnonzero(np.bincount(cell, minlength=count))
    return groups.drop("cell_days")[used // HOURS].with_columns(
        pl.col("segment_start_date").dt.strftime("%Y-%m").alias("usage_month"),
        pl.Series("local_hour", used % HOURS),
        *(pl.Series(name, values[used]) for name, values in columns.items()),
    )


def _hours_alone(reads: pl.DataFrame, days: pl.DataFrame) -> dict[str, Integers]:
    """Local hours of meters that are an account's only one, by place of their cell."""
    if reads.is_empty() or days.is_empty():
        return {name: np.empty(0, dtype=np.int64) for name in ("cell", *ENERGIES, *PEAKS, *_COUNTS)}
    runs = reads["meter_id"].rle().struct
    run = np.repeat(np.arange(len(runs.field("len"))), runs.field("len").to_numpy())
    hour = _local_hours(reads)
    start = np.flatnonzero(np.append(True, (np.diff(hour) != 0) | (np.diff(run) != 0)))
    group = _groups(runs.field("value"), days)
    first_day = int(days["day"].min())  # type: ignore[arg-type]
    day = hour[start] // HOURS - first_day
    is_known = (day >= 0) & (day < group.shape[1])
    found = np.where(is_known, group[run[start], np.where(is_known, day, 0)], -1)
    energy = _energies(reads)
    gathered = {name: np.add.reduceat(energy[name], start, dtype=np.int64) for name in (*ENERGIES, *_COUNTS)}
    gathered |= {name: np.maximum.reduceat(energy[of], start) for name, of in zip(PEAKS, _PEAKS_OF, strict=True)}
    kept = found >= 0
    cell = found[kept] * HOURS + hour[start][kept] % HOURS
    return {"cell": cell, **{name: values[kept] for name, values in gathered.items()}}


def _intervals_together(reads: pl.DataFrame, days: pl.DataFrame) -> dict[str, Integers]:
    """Intervals of accounts with several meters, or with one that is finer than their intervals, added up."""
    theirs = reads.filter(pl.col("meter_id").is_in(days["meter_id"].unique().to_list()))
    hour = pl.Series("hour", _local_hours(theirs))
    length = pl.col("interval_minutes").cast(pl.Int64) * _MICROSECONDS
    summed = (
        theirs.with_columns(hour, (hour // HOURS).cast(pl.Int32).alias("day"))
        .join(days.select("meter_id", "day", "cell_days", "interval_minutes"), on=["meter_id", "day"])
        .group_by("cell_days", pl.col("interval_start_utc").to_physical() // length, maintain_order=True)
        .agg(
            pl.col("hour").min(),
            pl.col("delivered_wh", "received_wh").cast(pl.Int64).sum(),
            is_known=pl.col("delivered_wh").is_not_null().all(),
            delivered_method_code=pl.col("delivered_method_code").max(),
        )
    )
    energy = _energies(summed)
    peaks = {name: energy[of] for name, of in zip(PEAKS, _PEAKS_OF, strict=True)}
    known = summed["is_known"].to_numpy().astype(np.int64)
    counts = {"interval_count": known, "estimated_count": energy["estimated_count"] * known}
    cell = summed["cell_days"].to_numpy() * HOURS + summed["hour"].to_numpy() % HOURS
    return {"cell": cell, **{name: energy[name] for name in ENERGIES}, **peaks, **counts}


def _energies(intervals: pl.DataFrame) -> dict[str, Integers]:
    """Energies and counts of intervals; what is unknown adds nothing."""
    is_known = intervals["delivered_wh"].is_not_null()
    delivered = intervals["delivered_wh"].fill_null(0).to_numpy().astype(np.int64)
    received = intervals["received_wh"].fill_null(0).to_numpy().astype(np.int64)
    is_estimated = is_known & intervals["delivered_method_code"].is_not_null()
    return {
        "delivered_wh": delivered,
        "received_wh": received,
        "net_import_wh": np.maximum(delivered - received, 0),
        "interval_count": is_known.to_numpy().astype(np.int64),
        "estimated_count": is_estimated.to_numpy().astype(np.int64),
    }


def _groups(meters: pl.Series, days: pl.DataFrame) -> Integers:
    """Group of cells by run of a meter's rows and by day from the first of `days`; -1 where they do not count."""
    first, last = int(days["day"].min()), int(days["day"].max())  # type: ignore[arg-type]
    found = pl.DataFrame({"meter_id": meters}).with_row_index("run").join(days, on="meter_id")
    table = np.full((len(meters), last - first + 1), -1, dtype=np.int64)
    table[found["run"].to_numpy(), found["day"].to_numpy() - first] = found["cell_days"].to_numpy()
    return table


def _local_hours(reads: pl.DataFrame) -> Integers:
    """Hours of the local wall clock since 1970-01-01."""
    minutes = reads["interval_start_utc"].to_physical().to_numpy() // _MICROSECONDS
    hours: Integers = (minutes + reads["utc_offset_minutes"].to_numpy()) // 60
    return hours


def _added(values: Integers, cell: Integers, count: int) -> Integers:
    return np.bincount(cell, weights=values, minlength=count).astype(np.int64)


def _largest(values: Integers, cell: Integers, count: int) -> Integers:
    peaks = np.zeros(count, dtype=np.int64)
    np.maximum.at(peaks, cell, values)
    return peaks
