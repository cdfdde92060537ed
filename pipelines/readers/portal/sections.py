"""The lines of a portal's download: headings that name columns, notes between them, and reads.

Downloads come from the portals of SCE, PG&E, SDG&E and utilities that use the same products (Opower and its like).
They open with notes on the customer, some repeat their headings for each day and direction, and some end in totals.
"""

import re
from dataclasses import dataclass

import polars as pl

from pipelines.readers.options import UnreadableFile
from pipelines.readers.tables.columns import Layout, plain_name, recognise_columns

DELIMITERS = (",", ";", "\t")

_REAL_ENERGY = re.compile(r"_?real_energy_in_(kilowatt|megawatt|watt)_hours")
_REAL_UNITS = {"kilowatt": "kwh", "megawatt": "mwh", "watt": "wh"}
_UNIT_SUFFIX = re.compile(r"^(.+)_(kwh|mwh|wh|therms?|ccf)$")
_GAS_SUFFIXES = ("_therm", "_therms", "_ccf")
_PERIOD = re.compile(r"(?:.*_)?time_period")
_PERIOD_BOUND = re.compile(r"(?:.*_)?time_period(?:_(start|end))?")
_NET = re.compile(r"(?:net(?:_(?:usage|energy|consumption|use))?|(?:usage|energy)_net)(?:_(?:kwh|mwh|wh))?")
_SYNONYMS = {
    "consumed": "consumption", "usage_delivered": "delivered", "energy_delivered": "delivered",
    "usage_received": "received", "energy_received": "received", "generation": "received", "generated": "received",
    "reading_quality": "quality_code", "notes": "quality_flag",
}  # fmt: skip
_END_TIMES = ("end_time", "end")
_LONGEST_HEADING = 4096

_SPACES = "[\u00a0\u2007\u202f\ufeff]"
_HEADING = {"text": pl.String, "table": pl.Int64}
_TIME_WORDS = r"(?i)date|time|interval|start|end|period|day|ts"
_ENERGY_WORDS = r"(?i)usage|consum|deliver|receiv|import|export|energy|value|generat|surplus|return|feed|net|wh"
_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2}"
_MOST_CANDIDATES = 1000
_BLANK = r'^[\s",;]*$'
_UNIT_WORD = r"\(?(?:[kKmM]?[wW][hH]|[tT]herms?)\)?"
_UNIT_LINE = rf'^[\s",;]*{_UNIT_WORD}(?:[\s",;]+{_UNIT_WORD})*[\s",;]*$'
_SEPARATOR = r'[\s"]*[:,;\t][\s":,;]*'
_METER_NOTE = (
    r'(?i)^[\s"]*(?:meter(?: (?:number|no\.?|id|#))?|service(?: (?:id|number|point(?: id)?))?|usage point|sp id|esi id)'
    rf'{_SEPARATOR}([A-Z0-9-]*\d[A-Z0-9-]*\d[A-Z0-9-]*\d[A-Z0-9-]*)[\s",;]*$'
)
_UNIT_NOTE = rf'(?i)^[\s"]*(?:uom|units?){_SEPARATOR}([A-Z]+)[\s",;]*$'
_NOTE_BEGINNINGS = (
    "data for period", "energy usage information", "meter reading information", "summary of electric",
    "your download", "detailed usage", r"(?:grand |sub)?total\b", r'(?:electric|natural gas) usage[\s",;]*$',
)  # fmt: skip
_NOTE_KEYS = (
    "name", "customer", "customer name", "address", "service address", "account", r"account (?:number|no\.?)",
    "for location", "service", "service (?:type|account|agreement|id|point|number)", "meter",
    r"meter (?:number|no\.?|id)", "type of readings", "start date", "reading (?:start|end)", "total (?:duration|usage)",
    "disclaimer", "title", "resource", "rate", "rate schedule", "uom", "units?", "interval uom",
)  # fmt: skip
_NOTE = rf'(?i)^[\s"]*(?:{"|".join(_NOTE_BEGINNINGS)}|(?:{"|".join(_NOTE_KEYS)})[\s"]*(?:[:,;\t]|$))'


@dataclass(frozen=True)
class Table:
    """Meaning of the columns below one heading, by position; None where there is no such column.

    Attributes:
        layout: Columns with names that any table may have.
        width: Fields of the heading.
        is_period: The start column holds start and end in one cell, "... to ...".
        end_time: Time of day at which intervals end, beside a date and a start time.
        duration: Length of the interval.
        kind: What is metered: "Electric usage", "Natural gas usage".
        is_net: The value is delivered less received energy, which no channel holds.
        is_gas: The heading states a unit of gas.
        unit: Unit that this portal leaves unsaid, else None.
        is_label_known: The names say whether labels are starts or ends.
        is_portal_only: Only portals write such a heading, so it needs no notes above to be told.
    """

    layout: Layout
    width: int
    is_period: bool
    end_time: int | None
    duration: int | None
    kind: int | None
    is_net: bool
    is_gas: bool
    unit: str | None
    is_label_known: bool
    is_portal_only: bool

    @property
    def reach(self) -> int:
        """Fields that a line needs so that no time, value or unit is missing."""
        layout = self.layout
        needed = (layout.start, layout.end, layout.date, layout.time, self.end_time, self.duration, layout.unit)
        return 1 + max(index for index in (*needed, *(v.index for v in layout.values)) if index is not None)


@dataclass(frozen=True)
class Section:
    """What notes and headings above a line say about it."""

    table: Table | None = None
    meter_id: str | None = None
    unit: str | None = None


def fields(delimiter: str) -> str:
    """Pattern of a field with the delimiter before it; a line needs one put before its first field."""
    return rf'{delimiter}(?:"[^"]*"|[^{delimiter}"])*'


def delimiter_of(line: str) -> str:
    """The delimiter that a heading uses."""
    return max(DELIMITERS, key=line.count)


def table_of(line: str, delimiter: str) -> Table | None:
    """Read a heading; None where the line is none."""
    if len(line) > _LONGEST_HEADING or not _may_be_heading(line):
        return None
    cells = re.findall(fields(delimiter), delimiter + line.strip())
    plain = [plain_name(cell[1:]) for cell in cells]
    while plain and not plain[-1]:
        plain.pop()
    period = next((index for index, name in enumerate(plain) if _PERIOD.fullmatch(name)), None)
    common = [_common_name(name, "" if period is None else plain[period]) for name in plain]
    nets = [index for index, name in enumerate(common) if _NET.fullmatch(name)]
    layout = _layout(["" if index in nets else name for index, name in enumerate(common)])
    is_net = layout is None and len(nets) == 1
    if is_net:
        layout = _layout(["usage" if index in nets else name for index, name in enumerate(common)])
    if layout is None:
        return None
    duration = plain.index("duration") if "duration" in plain else layout.minutes
    kind = 0 if plain[:2] == ["type", "date"] else None
    of_periods = any("time_period" in name for name in plain)
    directions = len(nets) + ("generation" in plain)
    end_time = next((plain.index(name) for name in _END_TIMES if name in plain), None)
    return Table(
        layout=layout,
        width=len(plain),
        is_period=period is not None,
        end_time=None if layout.date is None else end_time,
        duration=duration,
        kind=kind,
        is_net=is_net,
        is_gas=any(plain[value.index].endswith(_GAS_SUFFIXES) for value in layout.values),
        unit="kwh" if of_periods else None,
        is_label_known=of_periods or duration is not None or re.search("start|begin|end", " ".join(plain)) is not None,
        is_portal_only=of_periods or kind is not None or ("duration" in plain and directions > 0),
    )


def _may_be_heading(line: str) -> bool:
    return bool(re.search(_TIME_WORDS, line) and re.search(_ENERGY_WORDS, line) and not re.search(_DATE, line))


def _common_name(name: str, period: str) -> str:
    """The name that `columns` knows for a portal's name of a column; `period` is the name of the column of periods."""
    unit = None
    if real := _REAL_ENERGY.search(name):
        name, unit = _REAL_ENERGY.sub("", name), _REAL_UNITS[real.group(1)]
    elif match := _UNIT_SUFFIX.fullmatch(name):
        name, unit = match.group(1), None if name.endswith(_GAS_SUFFIXES) else match.group(2)
    if name == "usage" and "received" in period:
        name = "received"
    if match := _PERIOD_BOUND.fullmatch(name):
        name = f"interval_{match.group(1) or 'start'}"
    name = _SYNONYMS.get(name, name)
    return f"{name}_{unit}" if unit else name


def _layout(names: list[str]) -> Layout | None:
    """Meaning of a long table's columns, if these are names of one."""
    try:
        layout = recognise_columns(names)
    except UnreadableFile:
        return None
    return None if layout.slots or layout.channel is not None else layout


def is_note(line: str) -> bool:
    """True for a line on the customer or the download, as portals write above and between their tables."""
    return re.match(_NOTE, line) is not None


def read_lines(
    lines: pl.DataFrame, section: Section, delimiter: str
) -> tuple[pl.DataFrame, list[Table | None], Section]:
    """Tell reads from headings and notes.

    Args:
        lines: `row_number` and `line` of a piece of the file.
        section: What holds at the beginning of the piece.
        delimiter: The file's delimiter.

    Returns:
        The lines that are reads, or ought to be: `row_number`, `line`, `text` (with plain spaces), `table` (position
        in the list that follows), `meter_id` and `unit` by the notes above; the tables, the first of them the one
        that holds at the beginning; and what holds at the end of the piece.
    """
    text = pl.col("text")
    frame = lines.with_columns(text=pl.col("line").str.replace_all(_SPACES, " ")).filter(~text.str.contains(_BLANK))
    is_candidate = text.str.contains(_TIME_WORDS) & text.str.contains(_ENERGY_WORDS) & ~text.str.contains(_DATE)
    candidates = frame.filter(is_candidate)["text"].unique(maintain_order=True).head(_MOST_CANDIDATES)
    found = {line: table for line in candidates.to_list() if (table := table_of(line, delimiter)) is not None}
    tables = list(dict.fromkeys([section.table, *found.values()]))
    places = {table: place for place, table in enumerate(tables)}
    headings = pl.DataFrame(
        {"text": list(found), "table": [places[table] for table in found.values()]}, schema=_HEADING
    )
    is_unit_line = text.str.contains(_UNIT_LINE)
    unit_word = pl.when(is_unit_line).then(text.str.extract(f"({_UNIT_WORD})"))
    frame = frame.join(headings, on="text", how="left", maintain_order="left").with_columns(
        is_read=pl.col("table").is_null() & ~is_unit_line & ~text.str.contains(_NOTE),
        table=pl.col("table").forward_fill().fill_null(0),
        meter_id=text.str.extract(_METER_NOTE).forward_fill().fill_null(pl.lit(section.meter_id, pl.String)),
        unit=pl.coalesce(text.str.extract(_UNIT_NOTE), unit_word.str.strip_chars("()"))
        .forward_fill()
        .fill_null(pl.lit(section.unit, pl.String)),
    )
    if frame.height:
        last = frame.row(-1, named=True)
        section = Section(tables[last["table"]], last["meter_id"], last["unit"])
    is_below_heading = pl.lit(value=True) if tables[0] is not None else pl.col("table") > 0
    return frame.filter("is_read", is_below_heading).drop("is_read"), tables, section
