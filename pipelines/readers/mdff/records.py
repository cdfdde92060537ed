"""What NEM12 and NEM13 share: lines of the Meter Data File Format (MDFF) of the Australian market, streams and times.

A file is comma-separated text without quoting. The first field of a line says its kind: 100 header, 200 data stream of
interval data, 300 one day of it, 400 quality of a range of that day, 250 accumulation data, 500 and 550 service
orders, 900 end.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import polars as pl

from models.tables.base import CHANNELS
from pipelines.readers.batches import BATCH_VALUES
from pipelines.readers.options import WH_POWERS, UnreadableFile
from pipelines.readers.pieces import pieces

KINDS = ("100", "200", "250", "300", "400", "500", "550", "900")
LINES = pl.Schema({"row_number": pl.Int64, "text": pl.String, "line": pl.String, "kind": pl.String, "fault": pl.String})
"""Lines that are not blank: number from 1, text verbatim, text in which fields can be told apart by their commas, kind
(null where it is not known), and why the line cannot be relied on. A line that the file lacks has a fault alone."""

_QUOTED_COMMA = "\x1f"
"""Stands in `line` for a comma between quotation marks."""

STREAM = ["meter_id", "channel_code", "stream_code", "unit_code", "power_of_ten"]
"""Columns that say what is measured; see `stream`."""

_VERSIONS = ("NEM12", "NEM13")
_BLOCK_STARTS = ("100", "200", "250", "300", "900")
_STREAM_ENDS = ("100", "200", "250", "900")
_DATA = ("250", "300", "400", "500", "550")
_NOT_UTF_8 = "the text is not UTF-8; save the file as UTF-8 first"
_CUT = (
    "the file ends within this line, without a 900 row, so the line may be cut off; ask the sender for the whole file"
)
_PIECE_BYTES = 4 << 20
_BOM = "\ufeff"
_BLANK = " \t\r\v\f,\x00" + _BOM
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_CHANNEL = pl.Enum(CHANNELS)


def read_blocks(path: Path) -> Iterator[pl.DataFrame]:
    """Read a file in frames of `LINES` of bounded size, each beginning with the start of a block.

    A 300 row and the rows that belong to it come in one frame. Where more rows follow a 300 row than a frame holds,
    they come apart from it.

    Args:
        path: File to read.

    Raises:
        UnreadableFile: The file holds no reads or has a line longer than any format's.
        OSError: The file cannot be opened.
    """
    held = LINES.to_frame()
    end = _End()
    for piece in _lines(path):
        end.take(piece)
        lines = pl.concat([held, piece])
        size = lines["line"].str.len_bytes().sum() + lines.height
        starts = lines.select(pl.col("kind").is_in(_BLOCK_STARTS).fill_null(value=False).arg_true()).to_series()
        cut = int(starts[-1]) if len(starts) and size > _PIECE_BYTES // 2 else 0
        if cut == 0 and size > _PIECE_BYTES:
            cut = lines.height
        yield from _portions(lines.head(cut))
        held = lines.slice(cut)
    yield from _portions(pl.concat([held, end.missing()]))


def check_beginning(path: Path) -> None:
    """Refuse a file whose first line that is not blank is no MDFF line, or names another version than NEM12 or NEM13.

    Raises:
        UnreadableFile: The file does not begin like an MDFF file, is blank, or has too long a line.
        OSError: The file cannot be opened.
    """
    first = next((lines.row(0, named=True) for lines in _lines(path) if lines.height), None)
    if first is None:
        raise UnreadableFile("the file holds no reads: it is empty")
    where = f"line {first['row_number']}:"
    if first["kind"] is None and first["fault"] == _NOT_UTF_8:
        raise UnreadableFile(f"{where} {_NOT_UTF_8}")
    version = [*first["line"].split(","), ""][1].strip() if first["kind"] == "100" else "NEM"
    if first["kind"] is None or not version.upper().startswith("NEM"):
        raise UnreadableFile(f"{where} a NEM12 or NEM13 file begins with a line of kind 100, not with this")
    if first["kind"] == "100" and version.upper() not in _VERSIONS:
        raise UnreadableFile(f'{where} version "{version[:60]}" is not NEM12 or NEM13')


def in_context(lines: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """Number lines and say what they stand below.

    Args:
        lines: `LINES`, continuing those from which `carried` comes.
        carried: `last_stream_row` of the lines before.

    Returns:
        The lines after the carried row, with `place` from 0, `is_carried`, and the places of the last row that opens
        or ends a data stream (`stream`) or a block (`day`, where that is a 300 row).
    """
    rows = pl.concat([carried.with_columns(is_carried=True), lines.with_columns(is_carried=False)])
    rows = rows.with_row_index("place")
    return rows.with_columns(
        pl.when(pl.col("kind").is_in(kinds)).then("place").forward_fill().alias(name)
        for name, kinds in (("stream", _STREAM_ENDS), ("day", _BLOCK_STARTS))
    )


def last_stream_row(rows: pl.DataFrame) -> pl.DataFrame:
    """`LINES` of the 200 or 250 row under which the next line would stand, if there is one."""
    last = rows.filter(pl.col("kind").is_in(_STREAM_ENDS)).tail(1)
    return last.filter(pl.col("kind").is_in(["200", "250"])).select(LINES.names())


def refused_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """`row_number` and `reason` of lines of no known kind, headers of another version, and what the file lacks."""
    first = pl.col("line").str.splitn(",", 3).struct
    version = first.field("field_1").fill_null("").str.strip_chars()
    is_header = pl.col("kind") == "100"
    fault = (
        pl.when(pl.col("kind").is_null())
        .then(
            pl.format('a line that begins with "{}" is not of the kinds {}', first.field("field_0").str.slice(0, 60),
                      pl.lit(", ".join(KINDS)))
        )
        .when(is_header & ~version.str.to_uppercase().is_in(_VERSIONS))
        .then(pl.format('version "{}" is not NEM12 or NEM13', version.str.slice(0, 60)))
    )  # fmt: skip
    found = rows.filter(pl.col("kind").is_null() | is_header)
    return found.select("row_number", reason=pl.coalesce("fault", fault)).drop_nulls("reason")


def field(index: int) -> pl.Expr:
    """A field of the list column `fields` without surrounding spaces; blank where the line is shorter."""
    return pl.col("fields").list.get(index, null_on_oob=True).str.strip_chars().fill_null("")


def moment(text: pl.Expr) -> pl.Expr:
    """A time as CCYYMMDD, CCYYMMDDhhmm or CCYYMMDDhhmmss, naive; null where the text is none of these."""
    is_time = text.str.contains(r"^(?:[0-9]{8}|[0-9]{12}|[0-9]{14})$")
    return (
        pl.when(is_time).then(text).str.pad_end(14, "0").str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="us")
    )


def time_fault(text: pl.Expr) -> pl.Expr:
    """Why a time cannot be read."""
    return pl.lit('time "') + text.str.slice(0, 60) + '" cannot be read; write it like 20031220154500'


def words(text: pl.Expr) -> pl.Expr:
    """Free text verbatim; null where it is blank."""
    return pl.when(text != "").then(text.str.replace_all(_QUOTED_COMMA, ",", literal=True))


def has_reason(code: pl.Expr, text: pl.Expr) -> pl.Expr:
    """True where a reason code or its description says something: neither blank nor 0 without a description."""
    return (text != "") | ~code.is_in(["", "0"])


def stream(nmi: pl.Expr, suffix: pl.Expr, unit: pl.Expr, channel: pl.Expr | None = None) -> dict[str, pl.Expr]:
    """What is measured, from the NMI, its suffix and the unit.

    The suffix is a letter for the quantity and a character for the meter behind the NMI (NEM procedure "National
    Metering Identifier"): E1 is energy drawn from the grid by meter 1, B2 energy fed into it by meter 2. Meter 1 goes
    by the NMI itself and meter x by NMI/x. Only E and B in watt-hours are energy of a main channel; check meters, net
    streams, reactive energy and whatever has no unit are other streams. Suffixes of accumulation data are numbers,
    of which none counts meters.

    Args:
        nmi: National Metering Identifier.
        suffix: NMI suffix.
        unit: Unit of measure, in any case.
        channel: Direction where the line states it beside the suffix.

    Returns:
        `meter_id`, `channel_code`, `stream_code`, `unit_code` and `power_of_ten` as in `batches.VALUES`.
    """
    code = suffix.str.to_uppercase()
    is_numbered = code.str.contains(r"^[A-Z][0-9A-Z]$")
    number = code.str.slice(1)
    if channel is None:
        letter = pl.when(is_numbered).then(code.str.slice(0, 1))
        channel = letter.replace_strict({"E": "delivered", "B": "received"}, default=None, return_dtype=_CHANNEL)
    power = unit.str.to_lowercase().replace_strict(WH_POWERS, default=None, return_dtype=pl.Int16)
    is_energy = channel.is_not_null() & power.is_not_null()
    meter_id = pl.when(is_numbered & (number != "1")).then(nmi + "/" + number).otherwise(nmi)
    return {
        "meter_id": pl.when(nmi != "").then(meter_id),
        "channel_code": pl.when(is_energy).then(channel),
        "stream_code": suffix,
        "unit_code": pl.when(~is_energy).then(pl.when(unit == "").then(pl.lit("unknown")).otherwise(unit)),
        "power_of_ten": pl.when(is_energy).then(power),
    }


def _portions(lines: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The lines in frames of about `BATCH_VALUES` fields, cut where blocks start, or anywhere in longer blocks."""
    fields = (lines["line"].str.count_matches(",", literal=True) + 1).fill_null(1).cast(pl.Int64)
    rows = lines.select(
        fields=fields,
        place=pl.int_range(pl.len()),
        is_start=pl.col("kind").is_in(_BLOCK_STARTS).fill_null(value=False),
        portion=(fields.cum_sum() - fields) // BATCH_VALUES,
    )
    portions = rows.group_by("portion").agg(
        start=pl.col("place").filter("is_start").min(), first=pl.col("place").min(), size=pl.col("fields").sum()
    )
    is_full = pl.col("size") > BATCH_VALUES // 2
    starts = portions.select(pl.coalesce("start", pl.when(is_full).then("first"))).to_series()
    cuts = sorted({0, *starts.drop_nulls()})
    for start, stop in pairwise([*cuts, lines.height]):
        if stop > start:
            yield lines.slice(start, stop - start)


class _End:
    """Watches for the last line of a file."""

    def __init__(self) -> None:
        self._has_data = False
        self._kind: str | None = None
        self._last_line = 0
        self._is_cut = False

    def take(self, lines: pl.DataFrame) -> None:
        known = lines["kind"].drop_nulls()
        self._has_data = self._has_data or bool(known.is_in(_DATA).any())
        if len(known):
            self._kind = known[-1]
        if lines.height:
            self._last_line = lines["row_number"][-1]
            self._is_cut = lines["fault"][-1] == _CUT

    def missing(self) -> pl.DataFrame:
        """A line for the end that is missing, or none."""
        if not self._has_data:
            raise UnreadableFile("the file holds no reads")
        if self._kind == "900" or self._is_cut:
            return LINES.to_frame()
        fault = "the file ends without its 900 row and may be cut off; ask the sender for the whole file"
        return pl.DataFrame([{"row_number": self._last_line + 1, "fault": fault}], schema=LINES)


def _lines(path: Path) -> Iterator[pl.DataFrame]:
    """`LINES` of the file, piece by piece."""
    with path.open("rb") as file:
        for number, piece in pieces(file, 1, _PIECE_BYTES):
            lines = _cleaned(piece.removesuffix(b"\n"), number)
            if not piece.endswith(b"\n"):
                is_cut = (pl.col("row_number") == number + piece.count(b"\n")) & pl.col("kind").ne_missing("900")
                lines = lines.with_columns(fault=pl.when(is_cut).then(pl.lit(_CUT)).otherwise("fault"))
            yield lines


def _cleaned(data: bytes, number: int) -> pl.DataFrame:
    """`LINES` of a piece without its last line end."""
    text, bad = _decoded(data)
    lines = pl.Series("text", [text]).str.split("\n").explode().to_frame()
    lines = lines.with_row_index("row_number", offset=number).cast({"row_number": pl.Int64})
    lines = lines.with_columns(
        line=pl.col("text").str.strip_chars().str.strip_prefix(_BOM), fault=pl.lit(None, pl.String)
    )
    if '"' in text:
        lines = _unquoted(lines)
    if bad:
        is_bad = (pl.col("row_number") - number).is_in(bad)
        lines = lines.with_columns(fault=pl.when(is_bad).then(pl.lit(_NOT_UTF_8)))
    kind = pl.col("line").str.extract(r"^([0-9]{3})\s*(?:,|$)")
    lines = lines.with_columns(kind=pl.when(kind.is_in(KINDS)).then(kind))
    is_blank = pl.col("kind").is_null() & (pl.col("line").str.strip_chars(_BLANK) == "")
    return lines.filter(~is_blank).select(LINES.names())


def _decoded(data: bytes) -> tuple[str, list[int]]:
    """The text, and the places of lines in it that are not UTF-8."""
    try:
        return data.decode(), []
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        text = data.decode(errors="replace")
        return text, [place for place, line in enumerate(lines) if line.decode(errors="ignore").encode() != line]


def _unquoted(lines: pl.DataFrame) -> pl.DataFrame:
    """Take the quotation marks off fields, which the format forbids and spreadsheets add."""
    quoted = lines.with_row_index("place").filter(pl.col("line").str.contains('"', literal=True))
    bare = [
        _QUOTED.sub(lambda found: found[1].replace('""', '"').replace(",", _QUOTED_COMMA), line)
        for line in quoted["line"].to_list()
    ]
    return lines.with_columns(lines["line"].scatter(quoted["place"], pl.Series(bare, dtype=pl.String)))
