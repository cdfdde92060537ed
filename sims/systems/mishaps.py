"""What goes wrong with extracts on the way, at labelled rates, and what a damaged row or file looks like.

Rows: broken (a value outside the list, an impossible date, a blank key, a field too many), written twice, or lacking a
value that a correction with a later stamp brings. Files:
damaged (cut off, or with a wrong hash), missing and sent some days later, late, sent again (the same bytes, or with a
newer stamp), or another utility's. Every history has some of each in places that count from its first month and from
the scale's last date; the rest falls at random. The last days before the scale's last date are free of mishaps, so that
the opening history ends in good order.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import dataframely as dy

from models.extracts import Extract
from sims.systems.extract_files import Section
from sims.systems.periods import Period
from sims.world.draws import Dice
from sims.world.frames import Scale

AS_USUAL = "as_usual"
CUT_OFF, WRONG_HASH = "cut_off_file", "wrong_hash_file"
MISSING, LATE = "missing_file", "late_file"
RESENT_IDENTICAL, RESENT_NEWER = "resent_identical_file", "resent_newer_file"
WRONG_UTILITY = "wrong_utility_file"
BROKEN_ROW, DUPLICATE_ROW, CORRECTED_ROW = "broken_row", "duplicate_row", "corrected_row"
FILE_RATES = {
    CUT_OFF: 0.006,
    WRONG_HASH: 0.004,
    MISSING: 0.01,
    LATE: 0.02,
    RESENT_IDENTICAL: 0.015,
    RESENT_NEWER: 0.015,
    WRONG_UTILITY: 0.01,
}
"""Share of files with a mishap to the file as a whole."""
BROKEN_ROW_RATE, DUPLICATE_ROW_RATE, CORRECTED_ROW_RATE = 0.06, 0.03, 0.08
"""Share of files with broken rows, with rows written twice, and with rows that are corrected later."""
CORRECTED_COLUMNS = {
    "premises": ("floor_area_sqft", "built_year"),
    "persons": ("age_band", "education_band"),
    "households": ("household_size", "income_band"),
    "devices": ("device_model",),
    "interactions": ("action_taken",),
    "observations": ("temperature_degc", "dew_point_degc", "irradiance_w_per_m2"),
}
"""Columns by table that a row can lack until it is corrected; nothing else hangs on them."""
MENDED_AFTER_DAYS = 2
"""Days after which broken rows and files are sent right, missing files at all, and corrections follow."""
_LATE_DAYS, _RESENT_DAYS = 1, 1
_QUIET_DAYS = 3
_FOREIGN_ROWS = 3
_BY_MONTHS_BACK = dict(enumerate((DUPLICATE_ROW, RESENT_IDENTICAL, CUT_OFF, MISSING, WRONG_UTILITY, LATE, WRONG_HASH)))
_BY_DAYS_BACK = {6: CORRECTED_ROW, 5: BROKEN_ROW, 4: RESENT_NEWER}
_THREE_DAYS_BACK = {"CSS": WRONG_UTILITY, "CRM": WRONG_HASH, "DMS": MISSING, "WEATHER": LATE}


@dataclass(frozen=True)
class Plan:
    """What goes wrong with the file of a system and period.

    Attributes:
        file_mishap: Mishap to the file as a whole, or `AS_USUAL`.
        broken_rows: Rows that are broken, where the file has as many.
        duplicate_rows: Rows that are written twice.
        corrected_rows: Rows that lack a value at first, where the file has any that can.
    """

    file_mishap: str
    broken_rows: int
    duplicate_rows: int
    corrected_rows: int

    @property
    def delay_days(self) -> int:
        """Days after its usual time at which the file comes, or comes again."""
        return {LATE: _LATE_DAYS, RESENT_IDENTICAL: _RESENT_DAYS, RESENT_NEWER: _RESENT_DAYS}.get(
            self.file_mishap, MENDED_AFTER_DAYS
        )


def plan_mishaps(scale: Scale, system_code: str, period: Period, dice: Dice) -> Plan:
    """What goes wrong with the file of a system and period."""
    scripted = _scripted(scale.last_date, system_code, period)
    is_quiet = scale.last_date - timedelta(days=_QUIET_DAYS) < period.last <= scale.last_date
    rates = {AS_USUAL: 1 - sum(FILE_RATES.values())} | FILE_RATES
    by_chance = dice.pick(rates)
    broken, twice = dice.chance(BROKEN_ROW_RATE), dice.chance(DUPLICATE_ROW_RATE)
    corrected = dice.chance(CORRECTED_ROW_RATE) or scripted == CORRECTED_ROW or period.is_opening
    if is_quiet:
        return Plan(AS_USUAL, 0, 0, 0)
    if scripted in FILE_RATES:
        by_chance = scripted
    elif scripted is not None or period.is_opening:
        by_chance = AS_USUAL
    is_broken = broken or scripted == BROKEN_ROW or period.is_opening
    return Plan(by_chance, dice.integer(1, 2) * is_broken, int(twice or scripted == DUPLICATE_ROW), int(corrected))


def _scripted(last_date: date, system_code: str, period: Period) -> str | None:
    if period.kind == "history":
        months_back = 12 * (last_date.year - period.first.year) + last_date.month - period.first.month
        return None if period.is_opening else _BY_MONTHS_BACK.get(months_back)
    days_back = (last_date - period.last).days
    three_days = {3: _THREE_DAYS_BACK[system_code]}
    return (_BY_DAYS_BACK | three_days).get(days_back)


def broken_row(extract: Extract, line: str, dice: Dice) -> tuple[str, str]:
    """A row with one fault, and what it is: the fault's name and the column."""
    fields = dict(zip(extract.columns, next(csv.reader([line])), strict=True))
    enums = [name for name, column in extract.columns.items() if isinstance(column, dy.Enum) and fields[name]]
    dates = [name for name, column in extract.columns.items() if isinstance(column, dy.Date) and fields[name]]
    faults = ["blank_key", "field_too_many", "bad_instant"] + ["bad_code"] * bool(enums) + ["bad_date"] * bool(dates)
    surplus: list[str] = []
    match dice.one_of(faults):
        case "bad_code":
            name, fault = dice.one_of(enums), "bad_code"
            fields[name] += "_x"
        case "bad_date":
            name, fault = dice.one_of(dates), "bad_date"
            fields[name] = f"{fields[name][:4]}-13-45"
        case "blank_key":
            name, fault = extract.key[0], "blank_key"
            fields[name] = ""
        case "bad_instant":
            name, fault = "changed_at_utc", "bad_instant"
            fields[name] = fields[name].replace("T", " at ")
        case _:
            name, fault = "", "field_too_many"
            surplus = ["surplus"]
    return csv_line([*fields.values(), *surplus]), f"{fault} {name}".strip()


def correctable(extract: Extract, line: str) -> list[str]:
    """Columns with a value that a row can lack at first."""
    fields = dict(zip(extract.columns, next(csv.reader([line])), strict=True))
    return [name for name in CORRECTED_COLUMNS.get(extract.name, ()) if fields[name]]


def corrected_row(extract: Extract, line: str, recorded_at_utc: datetime, dice: Dice) -> tuple[str, str, str]:
    """A row that lacks a value, the row that corrects it with a later stamp, and the name of the column.

    Args:
        extract: Contract of the row.
        line: The row as it should be; a column is `correctable`.
        recorded_at_utc: When the correction is recorded, naive UTC.
        dice: Chooses the column.
    """
    fields = dict(zip(extract.columns, next(csv.reader([line])), strict=True))
    name = dice.one_of(correctable(extract, line))
    later = fields | {"changed_at_utc": f"{recorded_at_utc:%Y-%m-%dT%H:%M:%SZ}"}
    return csv_line(list((fields | {name: ""}).values())), csv_line(list(later.values())), name


def csv_line(fields: Sequence[str]) -> str:
    """Fields as one line of CSV, without line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def damaged(text: str, file_mishap: str, dice: Dice) -> str:
    """A file as it arrives: cut off in its last third, with another hash in its trailer, or whole."""
    if file_mishap == CUT_OFF:
        return text[: int(len(text) * dice.uniform(0.67, 0.97))]
    if file_mishap == WRONG_HASH:
        body, digest = text.rstrip("\n").rsplit(",", 1)
        return f"{body},{digest[::-1]}\n"
    return text


def foreign_sections(sections: Sequence[Section]) -> list[Section]:
    """A few rows as another utility would send them: the same tables, other keys."""
    foreign = []
    for one in sections:
        lines = csv.reader(one.lines[:_FOREIGN_ROWS])
        rows = [dict(zip(one.extract.columns, fields, strict=False)) for fields in lines]
        for row in rows:
            row |= {name: f"X{row[name]}" for name in one.extract.key if row[name] and name.endswith("_id")}
        foreign.append(Section(one.extract, [csv_line(list(row.values())) for row in rows]))
    return foreign
