"""Calendar months, written YYYY-MM, as partitions and windows of work are named."""

from datetime import date, timedelta


def month_of(day: date) -> str:
    """Month of a date."""
    return f"{day:%Y-%m}"


def month_dates(month: str) -> tuple[date, date]:
    """First and last date of a month."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_between(first: date, last: date) -> list[str]:
    """Months from one date to another, both included."""
    months = []
    day = first.replace(day=1)
    while day <= last:
        months.append(month_of(day))
        day = (day + timedelta(days=31)).replace(day=1)
    return months
