"""Columns of entity tables that a contract already declares, so that no attribute is declared twice."""

from collections.abc import Iterable, Mapping
from typing import cast

import dataframely as dy

from models.columns import local_date
from models.extracts import Extract, System
from models.tables.base import Table

STAMPS = ("changed_at_utc", "effective_date")


def contract(system: System, name: str) -> Extract:
    """The contract of a table that a system sends.

    Raises:
        KeyError: The system sends no such table.
    """
    return {extract.name: extract for extract in system.extracts}[name]


def history_table(
    name: str, extract: Extract, *, dropped: Iterable[str] = (), added: Mapping[str, dy.Column] | None = None
) -> Table:
    """Table of validity periods of a state extract: key, attributes, validity, then what is added."""
    validity = {
        "valid_from_date": local_date("First local date of the period.", primary_key=True),
        "valid_to_date": local_date("Local date after the last one of the period; null while open.", nullable=True),
        "is_current": dy.Bool(description="True for the open period."),
    }
    columns = _declared(extract, dropped) | validity | dict(added or {})
    return Table("entities", name, f"one row per {_words(extract.key)} and validity period", _schema(extract, columns))


def latest_table(name: str, extract: Extract, grain: str, *, added: Mapping[str, dy.Column] | None = None) -> Table:
    """Table of a state extract with the latest state of each key, then what is added."""
    return Table("entities", name, grain, _schema(extract, _declared(extract) | dict(added or {})))


def record_table(name: str, extract: Extract, *, added: Mapping[str, dy.Column] | None = None) -> Table:
    """Table of a record extract: the rows that hold, then what is added."""
    return Table("entities", name, extract.grain, _schema(extract, _declared(extract) | dict(added or {})))


def _declared(extract: Extract, dropped: Iterable[str] = ()) -> dict[str, dy.Column]:
    """Columns of a contract without stamps and personal ones; what a file leaves blank is null here."""
    left_out = {*STAMPS, *extract.personal_columns, *dropped}
    return {
        name: column.with_properties(
            primary_key=name in extract.key, description=(column.description or "").replace("blank", "null")
        )
        for name, column in extract.columns.items()
        if name not in left_out
    }


def _schema(extract: Extract, columns: Mapping[str, dy.Column]) -> type[dy.Schema]:
    namespace: dict[str, object] = {"__doc__": extract.schema.__doc__, **columns}
    return cast(type[dy.Schema], type(extract.schema.__name__, (dy.Schema,), namespace))


def _words(key: Iterable[str]) -> str:
    return ", ".join(name.removesuffix("_id").replace("_", " ") for name in key)
