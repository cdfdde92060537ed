"""Strategies for files that keep the shape of their format and hold anything in their fields."""

from collections.abc import Callable

from hypothesis import strategies as st

from tests.hostile.seeds import entry, feed, reading, resource

METERS = st.sampled_from(["M1", "M1", "M2", "", " M1 ", "é", "a\u0007b", "../../x", "'; drop table x; --", "M" * 300])
LABELS = st.sampled_from(
    ["2025-11-02 00:00", "2025-11-02 01:00", "2025-11-02 01:30", "2025-11-02T01:30:00-08:00", "2026-03-08 02:30",
     "2025-11-02T08:00Z", "11/02/2025 01:15 AM", "13/02/2025 1:15", "2025-11-02 24:00", "2025-11-02", "", "junk",
     "20251102T0100", "2-Nov-2025 01:00", "0000-01-01 00:00", "9999-12-31 23:00", "2025-11-02 01:00 PST", "2025-02-30",
     "2025-11-02 00:00:30", "1970-01-01 00:00", "2199-12-31 23:45+14:00", "1969-12-31 23:45"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["0", "1.5", "", " ", "-0", "1e309", "1e-400", "1e999999", "NaN", "0x1F", "1_000", "１２", "9" * 400, "--1", "+",
     ".", "1.0005", "123456789012345678", "-1.23456789012345", "0.1", "0.2"]
)  # fmt: skip
MINUTES = st.sampled_from(["60", "15", "", "0", "-5", "1440", "1e9", "15.0", "7", "nan", "9" * 30])
FLAGS = st.sampled_from(["A", "E", "", "N", "V", "S14", "zzz", "Y", "0", "1"])
DIRECTIONS = st.sampled_from(["delivered", "received", "D", "19", "", "both"])
UNITS = st.sampled_from(["kWh", "Wh", "", "kW", "MWH"])
ZONES = st.sampled_from(["-08:00", "PST", "PDT", "America/Los_Angeles", "", "-480", "99", "UTC"])
MULTIPLIERS = st.sampled_from(["", "1", "40", "1e999999", "-1e-9", "x", "NaN", "0"])
_REAL_TIME = "2025-11-02 "

_DELIMITERS = st.sampled_from([",", ";", "\t", "|"])
_ENDS = st.sampled_from(["\n", "\n", "\r\n"])


def _written(cell: str, is_quoted: bool) -> str:
    return '"' + cell.replace('"', '""') + '"' if is_quoted else cell


@st.composite
def table(draw: st.DrawFn, needed: dict[str, st.SearchStrategy[str]], more: dict[str, st.SearchStrategy[str]]) -> str:
    """A table of delimited text: the needed columns and some others, in any order; some lines are ragged or blank."""
    names = draw(st.permutations([*needed, *draw(st.lists(st.sampled_from(sorted(more)), unique=True, max_size=3))]))
    delimiter, end = draw(_DELIMITERS), draw(_ENDS)
    pools = needed | more
    text = draw(st.sampled_from(["", "", "\ufeff", "\n\n"])) + delimiter.join(names) + end
    for _ in range(draw(st.integers(1, 8))):
        quoted = draw(st.booleans())
        cells = [_written(draw(pools[name]), quoted) for name in names]
        fault = draw(st.sampled_from([None] * 6 + ["short", "long", "open", "blank", "header", "inner", "nul"]))
        row = delimiter.join(
            cells[:-1] if fault == "short" else [*cells, "", "9"] if fault == "long"
            else names if fault == "header" else [] if fault == "blank" else cells
        )  # fmt: skip
        place = draw(st.integers(0, len(row)))
        row = row[:place] + {"open": '"', "inner": '""', "nul": "\0"}.get(fault or "", "") + row[place:]
        text += row + end
    return text if draw(st.booleans()) else text.removesuffix(end)


LONG = table(
    {"meter_id": METERS, "interval_start_local": LABELS, "delivered_kwh": VALUES},
    {"interval_minutes": MINUTES, "quality": FLAGS, "channel": DIRECTIONS, "tz": ZONES, "dst": FLAGS, "note": VALUES},
)
OF_TWO_LABELS = table(
    {"meter": METERS, "start_time": LABELS, "end_time": LABELS, "value": VALUES},
    {"unit": UNITS, "quality": FLAGS, "utc_offset": ZONES},
)
WIDE = table(
    {"meter_id": METERS, "date_utc": LABELS, **{f"{hour:02d}:00": VALUES for hour in range(24)}},
    {"unit": UNITS, "quality": FLAGS},
)
REGISTERS = table(
    {"meter_id": METERS, "read_at": LABELS, "register_kwh": VALUES},
    {"register_id": METERS, "direction": DIRECTIONS, "multiplier": MULTIPLIERS, "consumption": VALUES, "flag": FLAGS},
)
EVENTS = table(
    {"meter_id": METERS, "event_time": LABELS, "event_code": FLAGS}, {"event_end": LABELS, "message": METERS}
)


@st.composite
def _cmep_record(draw: st.DrawFn) -> str:
    stamps = st.sampled_from(
        ["202511020015", "", "", "20251102001", "999912312359", "000001010000", "2025110200 5", "é"]
    )
    triples = draw(st.lists(st.tuples(stamps, FLAGS, VALUES), max_size=5))
    count = draw(st.sampled_from([len(triples)] * 4 + [0, 1, 9_999_999, -1]))
    units = st.sampled_from(["KWH", "GKWH", "KVARH", "KWHREG", "REG", "", "kwh"])
    spans = st.sampled_from(["00000015", "00000100", "01000000", "", "99999999", "x", "00000000"])
    head = ["MEPMD01", "1", "U", "", "M", "", draw(st.sampled_from(["202511030000", "", "x"])), draw(METERS),
            "OK", draw(st.sampled_from(["E", "E", "G"])), draw(units), draw(MULTIPLIERS), draw(spans),
            str(count)]  # fmt: skip
    row = ",".join([*head, *(field for triple in triples for field in triple)])
    return draw(st.sampled_from([row] * 5 + [row + ",H01F9", row[:-2], f'"{row}', row + ',"'])).replace("\0", "")


CMEP = st.lists(_cmep_record() | st.sampled_from(["", "MEPMD02,1", "junk"]), min_size=1, max_size=6).map(
    lambda rows: "MEPMD01,\n" + "\n".join(rows)
)


@st.composite
def _nem_row(draw: st.DrawFn) -> str:
    days = st.sampled_from(["20251102", "20251102", "20250230", "", "00000101", "99991231", "2025-11-02"])
    times = st.sampled_from(["20251102103000", "", "20251102", "99991231235959", "x"])
    values = draw(st.sampled_from([["1"] * 48, ["1"] * 48, ["0.1"] * 96, ["x"] * 48, [""] * 48, ["1"] * 47, []]))
    numbers = st.sampled_from(["1", "20", "48", "96", "0", "-1", "", "1e3", "9" * 30])
    flags = st.sampled_from(["A", "V", "S14", "N", "", "Z"])
    suffixes, units = st.sampled_from(["E1", "B1", "E2", "Q1", "", "é"]), st.sampled_from(["kWh", "Wh", "kVArh", ""])
    spans = st.sampled_from(["30", "30", "15", "7", "", "9" * 20])
    rows: dict[str, Callable[[], str]] = {
        "100": lambda: f"100,{draw(st.sampled_from(['NEM12', 'NEM13', 'NEM14']))},202511030000,M,R",
        "200": lambda: f"200,{draw(METERS)},E1,1,{draw(suffixes)},N1,S,{draw(units)},{draw(spans)},",
        "300": lambda: ",".join(["300", draw(days), *values, draw(flags), "", "", "20251103000000", ""]),
        "400": lambda: f"400,{draw(numbers)},{draw(numbers)},{draw(flags)},{draw(FLAGS)},{draw(METERS)}",
        "500": lambda: f"500,O,S1,{draw(times)},{draw(VALUES)}",
        "250": lambda: f"250,{draw(METERS)},1,01,{draw(suffixes)},11,S,{draw(st.sampled_from('EIX'))},{draw(VALUES)},"
        f"{draw(times)},{draw(flags)},,,{draw(VALUES)},{draw(times)},A,77,,{draw(VALUES)},{draw(units)},,,",
        "550": lambda: f"550,N,{draw(METERS)},A,",
        "900": lambda: "900",
        "": lambda: draw(st.sampled_from(["", "junk", "999,1", "300", ",,,", '"300","20251102']))
    }  # fmt: skip
    return rows[draw(st.sampled_from(["200", "300", "300", "300", "400", "400", *rows]))]().replace("\n", "")


NEM = st.lists(_nem_row(), min_size=1, max_size=10).map(
    lambda rows: "100,NEM12,202511030000,M,R\n200,NMI1,E1,1,E1,N1,S,kWh,30,\n" + "\n".join(rows) + "\n900\n"
)


@st.composite
def espi(draw: st.DrawFn) -> tuple[str, int]:
    """A feed, and the number of readings in it."""
    starts = st.sampled_from([1762066800, 1762070400, "", -1, "1e9", "9" * 30, 253402300799, 4102444800])
    spans = st.sampled_from([3600, 900, "", 0, -60, 59, "9" * 19, "9" * 400])
    amounts = VALUES.map(lambda text: text.replace("\0", ""))
    flags = st.sampled_from(["", "<ReadingQuality><quality>8</quality></ReadingQuality>", "<ReadingQuality/>", "<a/>"])
    readings = draw(st.lists(st.builds(reading, starts, amounts, spans, flags), max_size=6))
    nested = [f"<IntervalReading>{text}</IntervalReading>" for text in readings[:1] if draw(st.booleans())]
    numbers = st.sampled_from(["0", "3", "-3", "--1", "²", "+-1", "9" * 19, "9" * 400, "9" * 5000, "", "x", "13"])
    kinds = {"powerOfTenMultiplier": numbers, "intervalLength": numbers,
             "uom": st.sampled_from(["72", "72", "38", "", "x"]),
             "flowDirection": st.sampled_from(["1", "19", "4", ""]), "commodity": st.sampled_from(["1", "", "7"]),
             "accumulationBehaviour": st.sampled_from(["4", "", "3"])}  # fmt: skip
    names = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True))
    reading_type = "".join(f"<{name}>{draw(kinds[name])}</{name}>" for name in names)
    zone = f"<tzOffset>{draw(numbers)}</tzOffset><dstOffset>{draw(numbers)}</dstOffset>"
    extras = st.sampled_from(
        ["", entry(resource("LocalTimeParameters", zone)), entry(resource("UsagePoint"), "x"), "<entry/>",
         entry(resource("MeterReading"), "y"), entry(entry(resource("IntervalBlock", reading(1762066800, 1)))),
         "<!-- -->"]
    )  # fmt: skip
    text = feed("".join(readings + nested), reading_type=reading_type, before=draw(extras), extra=draw(extras))
    return text, text.count("<IntervalReading>")
