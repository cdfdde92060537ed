"""Downloads in every portal's dialect, written from one known series of reads."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import polars as pl

from tests.readers.written import MINUTE, kwh, on_clock

CUSTOMER, STREET, ACCOUNT = "JOSEPHINE Q. DOE", "742 Evergreen Terrace", "8012345678"
METER = "05551234"
NEVER, HOUR = timedelta(), timedelta(hours=1)
PRIVATE = ("JOSEPHINE", "Evergreen", ACCOUNT)


def both_directions(starts: Iterable[datetime]) -> pl.DataFrame:
    """Reads of a customer with a solar roof: starts in UTC, delivered and received watt-hours."""
    starts = list(starts)
    delivered = [100 + 7 * k % 900 for k in range(len(starts))]
    received = [3 * k % 500 for k in range(len(starts))]
    return pl.DataFrame(
        {"start": pl.Series(starts, dtype=pl.Datetime("us")), "delivered": delivered, "received": received}
    )


def expected(reads: pl.DataFrame, minutes: int) -> pl.DataFrame:
    """What any dialect says of the reads: channel, local start and end as labelled, Wh."""
    wall = pl.Series("start", [on_clock(start, "local") for start in reads["start"]], dtype=pl.Datetime("us"))
    local = reads.with_columns(wall, end=wall + minutes * MINUTE)
    rows = local.unpivot(["delivered", "received"], index=["start", "end"], variable_name="channel", value_name="wh")
    return rows.select("channel", "start", "end", "wh").sort("channel", "start", "wh")


def _rows(reads: pl.DataFrame, minutes: int, late: timedelta = NEVER) -> Iterator[tuple[datetime, datetime, str, str]]:
    for start, delivered, received in reads.iter_rows():
        wall = on_clock(start - late, "local") + late
        yield wall, wall + minutes * MINUTE, kwh(delivered), kwh(received)


def _half_day(moment: datetime) -> str:
    return f"{(moment.hour - 1) % 12 + 1}:{moment:%M %p}"


SCE_NOTES = (
    "Energy Usage Information",
    f'"For location: {STREET} APPLE VALLEY CA 92307"',
    "",
    "Meter Reading Information",
    '"Type of readings: Electricity"',
    "",
    "Summary of Electric Power Usage Information*",
    '"Your download will contain interval usage data, which may be actual, estimated, validated or missing. "',
    "",
    "Detailed Usage",
    '"Start date: 2021-10-16 23:00:00  for 66 days"',
)


def sce_blocks(
    reads: pl.DataFrame, minutes: int, space: str = "\u00a0", quote: str = '"', late: timedelta = NEVER
) -> str:
    """SCE until 2025: a block with a heading of its own for each day and direction.

    `late` is how much later than the zone the portal changes its clock.
    """
    lines = list(SCE_NOTES)
    rows = list(_rows(reads, minutes, late))
    for day in dict.fromkeys(row[0].date() for row in rows):
        for column, name in ((2, "Delivered"), (3, "Received")):
            unit = "(Real energy in kilowatt-hours)" * 2
            lines += ["", f"{quote}Data for period starting: {day} 00:00:00  for 24 hours{quote}"]
            lines.append(f"Energy{space} {name} time period,Usage {name}{unit},Reading quality")
            for row in rows:
                if row[0].date() == day:
                    period = f"{row[0]}{space}to {row[1]}"
                    lines.append(",".join(f"{quote}{cell}{quote}" for cell in (period, row[column], "")))
    return "\n".join([*lines, "\u00a0,,", ""])


def padded(text: str) -> str:
    """The text as a spreadsheet program saves it again: every line with as many commas as the widest."""
    return "".join(f"{line}{',' * (2 - line.count(','))}\n" for line in text.split("\n"))


def sce_table(reads: pl.DataFrame, minutes: int) -> str:
    """SCE since 2025: one table, cells padded with non-breaking spaces, an unbalanced quotation mark in the notes."""
    lines = [*SCE_NOTES, f'"For location: {STREET}']
    lines.append("Date,Energy Consumption time Period Start,Energy Consumption time Period End,Delivered,Received")
    for start, end, delivered, received in _rows(reads, minutes):
        cells = (f"{start:%m/%d/%Y}", f"{start:%m/%d/%Y %I:%M%p}", f"{end:%m/%d/%Y %I:%M%p}")
        lines.append(",".join([*(f'"{cell}\u00a0"' for cell in cells), f'"{delivered}"', f'"{received}"']))
    return "\n".join(lines) + "\n"


def _opower(
    names: str, row: Callable[[datetime, datetime, str, str], str], rows: Iterable, service: str = METER
) -> str:
    notes = ("", f"Name,{CUSTOMER}", f'Address,"{STREET}, SAN RAFAEL CA 94903"', f"Account Number,{ACCOUNT}")
    return "\n".join([*notes, f"Service,{service}", "", names, *(row(*cells) for cells in rows)]) + "\n"


def pge(reads: pl.DataFrame, minutes: int) -> str:
    """PG&E with a solar roof: the last minute as the end, costs and notes."""
    names = (
        "TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),TOTAL IMPORT COST,TOTAL EXPORT CREDIT (=A+B+C),NOTES"
    )

    def row(start: datetime, end: datetime, delivered: str, received: str) -> str:
        last = end - MINUTE
        return f"Electric usage,{start:%Y-%m-%d},{start:%H:%M},{last:%H:%M},{delivered},{received},$0.31,$0.02"

    return _opower(names, row, _rows(reads, minutes))


def opower_exclusive(reads: pl.DataFrame, minutes: int) -> str:
    """Short dates with years of two digits, times without leading zeros, 24:00, units in a column, a total."""
    names = "TYPE,DATE,START TIME,END TIME,IMPORT,EXPORT,UNITS,COST,NOTES"

    def row(start: datetime, end: datetime, delivered: str, received: str) -> str:
        bound = f"{end.hour}:{end:%M}" if end.date() == start.date() else "24:00"
        day = f"{start.month}/{start.day}/{start:%y}"
        return f'Electric usage,{day},{start.hour}:{start:%M},{bound},{delivered},{received},kWh,"$1,234.00 ",'

    return _opower(names, row, _rows(reads, minutes)) + "Total,,,,817.415,20.1,kWh,,\n"


def sdge(reads: pl.DataFrame, minutes: int, quote: str = '"') -> str:
    """SDG&E until 2024: a duration, times of twelve hours, net energy beside both directions."""
    lines = [
        f"Name,{CUSTOMER}", f"Address,{STREET}  San Diego CA 92101", f"Account Number,{ACCOUNT}",
        "Disclaimer,The information contained in this file is intended for the recipient(s) named above.",
        "Title,CSV Export Electric Meter(s)", "Resource,Electric", f"Meter Number,{METER}", "Interval UOM,Minute(s)",
        "Reading Start,11/1/2022 00:00", "Reading End,11/30/2022 23:00", "Total Duration,30 Days",
        "Total Usage,817.415", "UOM,kWh", "Meter Number,Date,Start Time,Duration,Consumption,Generation,Net",
    ]  # fmt: skip
    for start, _, delivered, received in _rows(reads, minutes):
        net = f"{float(delivered) - float(received):.3f}"
        day = f"{start.month}/{start.day}/{start.year}"
        cells = (METER, day, _half_day(start), str(minutes), delivered, received, net)
        lines.append(",".join(f"{quote}{cell}{quote}" for cell in cells))
    return "\r\n".join(lines) + "\r\n"


def energy_center(reads: pl.DataFrame, minutes: int) -> str:
    """SDG&E since 2024, saved from a workbook: notes in one cell each, lines padded with commas, lengths in words."""
    lines = [
        f'"Name : {CUSTOMER}",,,,,', f'"Address: {STREET}, San Diego, CA",,,,,', f'"Account Number: {ACCOUNT}",,,,,',
        '"Service Type: Electric",,,,,', '"Rate: Standard - DR-Residential",,,,,', '"Total Usage: 5.495",,,,,',
        '"UOM: kWh",,,,,', ",,,,,", '"Meter Number","Date","Start Time","Duration","Consumed","Generated"',
    ]  # fmt: skip
    length = {60: "Hour", 1440: "Day"}.get(minutes, f"{minutes} Minutes")
    for start, _, delivered, received in _rows(reads, minutes):
        cells = (f'"{METER}"', f'"{start:%m/%d/%Y}"', f"{start:%I:%M:%S %p}", f'"{length}"')
        lines.append(",".join([*cells, f'"{delivered}000000"', f'"{received}"']))
    return "\n".join(lines) + "\n"


def two_line_heading(reads: pl.DataFrame, minutes: int) -> str:
    """Names in one line and units in the next, delimited by tabs."""
    lines = [
        f"Name\t{CUSTOMER}",
        f"Service Point\t{METER}",
        "Start Time\tEnd Time\tDelivered\tReceived",
        "\t\t(kWh)\t(kWh)",
    ]
    for start, end, delivered, received in _rows(reads, minutes):
        lines.append(f"{start:%Y-%m-%d %H:%M}\t{end:%Y-%m-%d %H:%M}\t{delivered}\t{received}")
    return "\n".join(lines)


DIALECTS: dict[str, Callable[[pl.DataFrame, int], str]] = {
    "sce_blocks": sce_blocks,
    "sce_unquoted": lambda reads, minutes: sce_blocks(reads, minutes, space=" ", quote=""),
    "sce_padded": lambda reads, minutes: padded(sce_blocks(reads, minutes, space=" ", quote="")),
    "sce_table": sce_table,
    "pge": pge,
    "opower_exclusive": opower_exclusive,
    "sdge": sdge,
    "sdge_unquoted": lambda reads, minutes: sdge(reads, minutes, quote=""),
    "energy_center": energy_center,
    "two_line_heading": two_line_heading,
}
