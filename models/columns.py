"""Column constructors that make units compulsory, and the closed lists that many tables share.

They lie apart from the registry of tables, so that the contracts of extracts can be declared first and the registry
rendered from them.
"""

import dataframely as dy

CHANNELS = ("delivered", "received")
"""Direction of energy: delivered = grid to customer, received = customer to grid. Both are positive."""

QUALITY_CODES = ("V", "A", "G", "E", "Q", "N")
"""V verified, A actual, G edited, E estimated, Q questionable (failed, not estimated), N missing."""

METHOD_CODES = ("E0", "E0R", "E1", "E1R", "E2", "E2R", "E3", "E3R", "E4", "E4R", "EM")
"""E0 known exactly, as the register's residual of one interval or from the sibling channel; E0R the reported shape
where a factor was wrong; E1 linear interpolation; E2 average of earlier like days; E3 class profile; E4 zero without
service; EM by the system that sent it, whose verdict was taken; R: scaled to the difference of register readings."""

RULE_CODES = tuple(f"V{number:02}" for number in range(1, 18))
"""V01 duplicate, V02 interval length, V03 missing, V04 negative, V05 impossible maximum, V06 spike, V07 stuck, V08 zero
use, V09 sum check, V10 high-low, V11 register reset, V12 clock error, V13 future, V14 use without service, V15 unit,
V16 multiplier, V17 prolonged estimation."""


EDIT_ACTIONS = ("edit", "verify", "withdraw")
"""What a manual edit of a read does."""

LARGEST_EDIT_WH = 2**31 - 1
"""Reads after validation are kept in 32 bits."""

ALLOWED_MINUTES = (5, 10, 15, 30, 60, 1440)
"""Nominal interval lengths that the warehouse takes."""


def unit_of(column: dy.Column) -> str:
    """Unit of a column, or an empty string for keys, codes and text."""
    return str((column.metadata or {}).get("unit", ""))


def utc(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Datetime:
    """An instant: naive timestamp in microseconds that holds UTC."""
    return dy.Datetime(
        time_unit="us",
        nullable=nullable,
        primary_key=primary_key,
        description=description,
        metadata={"unit": "UTC"},
    )


LARGEST_READ_WH = 10**12
"""A terawatt-hour in one interval is no read; beyond it, sums of sentinel values would leave 64 bits."""


def watt_hours(
    description: str, *, nullable: bool = False, minimum: int | None = None, maximum: int | None = None
) -> dy.Int64:
    """Energy in whole watt-hours, 64 bits."""
    return dy.Int64(nullable=nullable, min=minimum, max=maximum, description=description, metadata={"unit": "Wh"})


def count(description: str) -> dy.Int32:
    """A number of things, never negative."""
    return dy.Int32(min=0, description=description, metadata={"unit": "count"})


def code(values: tuple[str, ...], description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Enum:
    """A short code out of a closed list."""
    return dy.Enum(values, nullable=nullable, primary_key=primary_key, description=description)


def local_date(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Date:
    """A civil date on the meter's local calendar."""
    return dy.Date(nullable=nullable, primary_key=primary_key, description=description, metadata={"unit": "local date"})


def minutes(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Int16:
    """A duration in whole minutes."""
    return dy.Int16(
        nullable=nullable, primary_key=primary_key, min=0, description=description, metadata={"unit": "min"}
    )


def interval_length(description: str, *, nullable: bool = False) -> dy.Int16:
    """A nominal interval length in whole minutes, one of those that the warehouse takes."""
    return dy.Int16(nullable=nullable, is_in=ALLOWED_MINUTES, description=description, metadata={"unit": "min"})
