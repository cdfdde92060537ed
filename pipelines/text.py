"""Small tables for people: Markdown for the Dagster UI, aligned columns for the terminal."""

from collections.abc import Iterable, Mapping, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; null is shown as an empty cell."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join('' if cell is None else str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def aligned_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as columns of text under their names, numbers to the right; null is shown as an empty cell."""
    if not rows:
        return "(no rows)"
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    is_number = [all(isinstance(row[name], int | float) for row in rows) for name in names]
    lines = [_line(names, widths, is_number), _line(["─" * width for width in widths], widths, is_number)]
    return "\n".join([*lines, *(_line(line, widths, is_number) for line in cells)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_number, strict=True)
    )
    return "  ".join(padded).rstrip()
