"""Month partitions of the read assets."""

from collections.abc import Mapping
from datetime import date

import dagster as dg

from models.calendar import FIRST_DATE
from pipelines.months import months_between

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
SINGLE = "dagster/partition"

months = dg.MonthlyPartitionsDefinition(start_date=FIRST_DATE.isoformat(), end_offset=12)


def months_of_run(tags: Mapping[str, str]) -> list[str]:
    """Months (YYYY-MM) that a run is for, from its partition tags.

    Raises:
        ValueError: The run names no partition.
    """
    first = tags.get(RANGE_START) or tags.get(SINGLE)
    last = tags.get(RANGE_END) or tags.get(SINGLE)
    if first is None or last is None:
        raise ValueError("choose the months to run: launch the job with a partition or a range of partitions")
    return months_between(date.fromisoformat(first), date.fromisoformat(last))


def range_tags(first_month: str, last_month: str) -> dict[str, str]:
    """Tags that make one run cover a range of months."""
    return {RANGE_START: f"{first_month}-01", RANGE_END: f"{last_month}-01"}
