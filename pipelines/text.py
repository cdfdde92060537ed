"""Text for people: one line of anything, Markdown tables for the Dagster UI, aligned columns for the terminal."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

GAP = "  "
NARROWEST = 30


def counted(count: int, noun: str) -> str:
    """A count with its noun, which takes an s unless there is one: 1 read, 1,200 reads."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str, most: int) -> str:
    """Text as one line that a terminal shows as it is: other characters become question marks; cut after `most`."""
    return "".join(char if char.isprintable() or char == "\u00a0" else "?" for char in text[:most])


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; null is shown as an empty cell."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join('' if cell is None else str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def aligned_table(rows: Sequence[Mapping[str, object]], width: int | None = None) -> str:
    """Rows as columns of text under their names, numbers to the right; null is shown as an empty cell.

    Args:
        rows: Cells by column name, the same names in every row.
        width: Characters of a line; a last column of text that is wider is wrapped. None for no bound.
    """
    if not rows:
        return "(no rows)"
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    is_number = [_is_number([row[name] for row in rows]) for name in names]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    if width is not None and not is_number[-1] and before + NARROWEST <= width < before + widths[-1]:
        widths[-1] = width - before
    lines = [_line(names, widths, is_number), _line(["─" * length for length in widths], widths, is_number)]
    for line in cells:
        first, *rest = textwrap.wrap(line[-1], widths[-1]) or [""]
        lines.append(_line([*line[:-1], first], widths, is_number))
        lines += [" " * before + text for text in rest]
    return "\n".join(lines)


def _is_number(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float | Decimal) for value in known)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_number, strict=True)
    )
    return GAP.join(padded).rstrip()
