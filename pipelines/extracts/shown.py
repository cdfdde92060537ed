"""The contracts as text and as data, for whoever has to write such files."""

from typing import Any

from models.extracts import SYSTEMS, Extract, RowKind, System
from models.extracts.base import is_personal
from models.render import described
from pipelines.extracts.accepted import accepted
from pipelines.text import counted

_KINDS = {
    RowKind.STATE: "state: a row says how a thing is from effective_date on, until the next row of the same key",
    RowKind.RECORD: "records: a row says what happened; a later row of the same key corrects it",
}
_SECONDS_PER_HOUR = 3600


class UnknownSystemError(ValueError):
    """There is no contract with a system of that name."""


def chosen(code: str | None) -> tuple[System, ...]:
    """The system of a code in any case, all of them for None.

    Raises:
        UnknownSystemError: No contract is with such a system.
    """
    found = tuple(system for system in SYSTEMS if code is None or system.code == code.upper())
    if not found:
        known = ", ".join(system.code for system in SYSTEMS)
        raise UnknownSystemError(f'there is no contract with a system "{code}"; there are {known}')
    return found


def contract_document(system: System) -> dict[str, Any]:
    """A contract as plain data."""
    return {
        "system_code": system.code,
        "title": system.title,
        "limit_days": system.limit_days,
        "tables": [
            {
                "name": extract.name,
                "kind": extract.kind.value,
                "grain": extract.grain,
                "key": list(extract.key),
                "usual_delay_hours": extract.usual_delay.total_seconds() / _SECONDS_PER_HOUR,
                "columns": [
                    {
                        "name": name,
                        "accepts": accepted(column),
                        "is_nullable": column.nullable,
                        "is_personal": is_personal(column),
                        "description": described(column),
                    }
                    for name, column in extract.columns.items()
                ],
                "rules": [{"columns": list(rule.columns), "text": rule.text} for rule in extract.rules],
            }
            for extract in system.extracts
        ],
    }


def contract_text(system: System) -> str:
    """A contract in words: tables with key, kind, delay, a line per column, and what must hold between columns."""
    limit = counted(system.limit_days, "day")
    head = [
        f"{system.code}: {system.title}",
        f"  a file for every business date; its data are stale when more than {limit} behind the latest of any feed",
    ]
    return "\n".join([*head, *(line for extract in system.extracts for line in _extract_lines(extract))])


def _extract_lines(extract: Extract) -> list[str]:
    hours = extract.usual_delay.total_seconds() / _SECONDS_PER_HOUR
    width = max(len(name) for name in extract.columns)
    head = [
        "",
        f"  TABLE,{extract.name}",
        f"    {extract.grain}; key {', '.join(extract.key)}",
        f"    {_KINDS[extract.kind]}",
        f"    rows are sent within {hours:g} hours as a rule; later ones are taken all the same",
    ]
    columns = []
    for name, column in extract.columns.items():
        marks = ["blank allowed"] * column.nullable + ["personal: kept in the vault"] * is_personal(column)
        extra = f" ({'; '.join(marks)})" if marks else ""
        columns.append(f"      {name.ljust(width)}  {accepted(column)}{extra}: {described(column)}")
    rules = [f"    {'in every row' if place == 0 else '':<12}  {one.text}" for place, one in enumerate(extract.rules)]
    return head + columns + rules
