"""Explanations as text for people."""

import textwrap
from datetime import date, datetime
from decimal import Decimal

from pipelines.explain.explanation import Explanation, Section
from pipelines.text import aligned_table, printable

_NAMED_ONCE = ("meter_id", "channel_code")
"""Columns that are named in the title of a table where all rows say the same."""
_LONGEST_CELL = 200
_WIDTH = 100


def as_text(explanation: Explanation, width: int | None) -> str:
    """An explanation in the order of its evidence, the recomputed number last.

    Args:
        explanation: What is to be told.
        width: Characters of a line; None for no bound on tables, and a usual one on sentences.
    """
    key = " · ".join(f"{name} {value}" for name, value in explanation.keys.items())
    build = explanation.build
    head = [
        f"{explanation.table} · {printable(key, _LONGEST_CELL)}",
        f"{explanation.column} = {_figure(explanation.value, explanation.unit)}",
        f"build {build['build_id']} of {_cell(build['built_at_utc'])} UTC, business date {build['business_date']}",
        "",
        *_wrapped(explanation.formula, width),
    ]
    for note in explanation.notes:
        head += ["", *_wrapped(f"Note: {note}.", width)]
    tables = [text for section in explanation.sections if (text := _section(section, width))]
    recomputed = explanation.recomputed
    last = ["Recomputed", *_wrapped(f"{recomputed.sentence}.", width)]
    return "\n\n".join(["\n".join(head), *tables, "\n".join(last)])


def _section(section: Section, width: int | None) -> str:
    rows = section.rows if section.shown is None else section.shown
    if not rows:
        return ""
    names = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    common = [name for name in _NAMED_ONCE if name in names and len(rows) > 1 and len({row[name] for row in rows}) == 1]
    title = " · ".join([section.title, *(str(_cell(rows[0][name])) for name in common)])
    cells = [{name: _cell(row[name]) for name in names if name not in common} for row in rows]
    return "\n".join([title, aligned_table(cells, width), *(_wrapped(section.note, width) if section.note else ())])


def _cell(value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | int() | Decimal():
            return value
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}" if value.second == value.microsecond == 0 else f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value}"
    return printable(str(value), _LONGEST_CELL)


def _figure(value: Decimal | int | None, unit: str) -> str:
    if value is None:
        return "unknown"
    return f"{value:,}" if unit == "count" else f"{value:,} {unit}"


def _wrapped(text: str, width: int | None) -> list[str]:
    return textwrap.wrap(text, width or _WIDTH, break_long_words=False, break_on_hyphens=False)
