"""Which meters count in a figure, on which dates, and why others do not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipelines.explain.published import Published

ONE_DAY = timedelta(days=1)

_OF_ACCOUNT = """
-- periods of every meter that ever served the account
select served.*, meters.parent_meter_id, meters.removed_date
from bridge_meter_accounts as served
left join dim_meters as meters
    on served.meter_id = meters.meter_id
    and served.valid_from_date between meters.installed_date and coalesce(meters.removed_date, date '9999-12-31')
where served.meter_id in (select meter_id from bridge_meter_accounts where account_id = $account_id)
order by served.meter_id, served.valid_from_date
"""


@dataclass(frozen=True)
class Serving:
    """A period in which a meter counts in an account's usage.

    Attributes:
        meter_id: Meter.
        dates: Its civil dates among those that were asked for.
        meter_count: Top-level meters of the account in the period.
        interval_minutes: Interval in which they can be added up.
    """

    meter_id: str
    dates: frozenset[date]
    meter_count: int
    interval_minutes: int


@dataclass(frozen=True)
class Supply:
    """Meters of an account on some dates.

    Attributes:
        servings: Those that count.
        rows: All of them with the reason, for people.
    """

    servings: tuple[Serving, ...]
    rows: tuple[Mapping[str, Any], ...]


def of_account(published: Published, account_id: str, dates: Collection[date]) -> Supply:
    """Meters that served an account on some consecutive dates, and others of its places that did not."""
    first, last = min(dates), max(dates)
    servings, told = [], []
    for row in published.rows(_OF_ACCOUNT, {"account_id": account_id}):
        begin = max(row["valid_from_date"], first)
        end = min((row["valid_to_date"] or date.max) - ONE_DAY, last)
        is_within, is_own = begin <= end, row["account_id"] == account_id
        if not is_within and not is_own:
            continue
        counts = is_within and is_own and row["account_meter_count"] is not None
        told.append(
            {
                "meter_id": row["meter_id"],
                "first_date": begin if is_within else row["valid_from_date"],
                "last_date": end if is_within else _last(row),
                "counts": counts,
                "reason": _reason(row, is_within=is_within, is_own=is_own, is_before=row["valid_from_date"] < first),
            }
        )
        if counts:
            served = frozenset(_days(begin, end))
            servings.append(
                Serving(row["meter_id"], served, row["account_meter_count"], row["account_interval_minutes"])
            )
    return Supply(tuple(servings), tuple(told))


def of_meter(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The meter of a published meter row, with whom it served."""
    whom = f"served account {row['account_id']}" if row["account_id"] else "served no account"
    place = f" at premise {row['premise_id']}" if row["premise_id"] else ", and no system names its place"
    return ({"meter_id": row["meter_id"], "counts": True, "reason": f"{whom}{place}"},)


def _reason(row: Mapping[str, Any], *, is_within: bool, is_own: bool, is_before: bool) -> str:
    if is_within and not is_own:
        return f"served account {row['account_id']}" if row["account_id"] else "served nobody: the place was vacant"
    if not is_within:
        taken_off = row["removed_date"] is not None and row["removed_date"] == _last(row)
        before = "taken off before these dates" if taken_off else "served the account before these dates only"
        return before if is_before else "served the account after these dates only"
    if not row["is_top_level"]:
        return f"sub-meter: what it measures lies within {row['parent_meter_id'] or 'another meter'}"
    if row["account_meter_count"] is None:
        return "has no interval data"
    if row["account_meter_count"] == 1:
        return "the account's only top-level meter"
    return (
        f"one of {row['account_meter_count']} top-level meters, added up in intervals of "
        f"{row['account_interval_minutes']} minutes"
    )


def _last(row: Mapping[str, Any]) -> date | None:
    end: date | None = row["valid_to_date"]
    return end - ONE_DAY if end else None


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
