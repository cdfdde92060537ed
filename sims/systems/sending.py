"""Sending: what each system wrote down goes out as files, month by month and then day by day, mishaps included."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from models.extracts import SYSTEMS, System
from sims.plays import PRIVATE, state_after, state_before
from sims.systems import mishaps
from sims.systems.answer_key import Mishap, write_mishaps, write_people
from sims.systems.crm import crm_tables
from sims.systems.css import css_tables
from sims.systems.dms import dms_tables
from sims.systems.extract_files import Header, Section, file_text, line_numbers, section, write_file
from sims.systems.periods import Period, by_day, morning_after, periods
from sims.systems.tables import BUSINESS_DATE, Tables
from sims.systems.waiting import Waiting, WaitingFile, WaitingRow, load_waiting, save_waiting
from sims.systems.weather_station import weather_tables
from sims.world.draws import Dice
from sims.world.frames import World
from sims.world.society import Society

SETTINGS = "is_synthetic: true\nreceived_at: modified\n"
OTHER_UTILITY = "OTHRUTIL"
_AGAIN_MINUTES, _OTHER_MINUTES = 35, 5
_TRIES = 20
Report = Callable[[str], None]
_Mark = tuple[str, tuple[str, int, str]]
"""Kind of a mishap, and the table, the place in it and the detail."""


@dataclass(frozen=True)
class ExtractsSent:
    """What was sent.

    Attributes:
        file_count: Files of all systems.
        row_count: Rows in them, repeats included.
        repeated_file_count: Files whose bytes had been sent before.
    """

    file_count: int
    row_count: int
    repeated_file_count: int


def send_extracts(
    society: Society,
    utility_code: str,
    bills: pl.DataFrame,
    bill_lines: pl.DataFrame,
    observations: pl.DataFrame,
    landing: Path,
    truth: Path,
    first: date,
    last: date,
    *,
    daily_from: date,
    report: Report = lambda line: None,
) -> ExtractsSent:
    """Send the extracts of all systems for the local days first to last.

    What one play leaves waiting (late files, rows to be sent right) is kept in `extracts/` of its state, see `plays`,
    and goes out in the next one, so that days played one after the other give the files of days played at once.

    Args:
        society: The people, up to `last` at least.
        utility_code: Utility that sends.
        bills: Bills written down between `first` and `last`, in the columns of the contract.
        bill_lines: Their lines, likewise.
        observations: Weather of these days, see `sims.world.weather.observations`.
        landing: Folder that receives a folder of files per system.
        truth: Folder that receives `mishaps/` and `people/`.
        first: First local date.
        last: Last local date.
        daily_from: First date with files of its own; months before it have one file per system.
        report: Receives a line per system.
    """
    world = society.world
    tables = {
        "CSS": css_tables(society, bills, bill_lines),
        "CRM": crm_tables(society),
        "DMS": dms_tables(society),
        "WEATHER": weather_tables(world.seed, observations),
    }
    before, after = state_before(truth, first) / "extracts", state_after(truth, last) / "extracts"
    senders = [
        _Sender(world, utility_code, system, tables[system.code], landing, load_waiting(_kept(before, system)))
        for system in SYSTEMS
    ]
    for period in periods(first, last, daily_from, world.first_date):
        labels = [label for sender in senders for label in sender.send(period)]
        write_mishaps(truth / "mishaps" / f"{period.label}.parquet", labels)
    for sender in senders:
        save_waiting(_kept(after, sender.system), sender.waiting)
        report(f"{sender.system.title}: {sender.file_count:,} files with {sender.row_count:,} rows")
    write_people(truth / "people", society)
    return ExtractsSent(
        sum(one.file_count for one in senders),
        sum(one.row_count for one in senders),
        sum(one.repeated_file_count for one in senders),
    )


def _kept(folder: Path, system: System) -> Path:
    return folder / f"{system.code.lower()}.json"


class _Sender:
    """The files of one system.

    Attributes:
        system: The system.
        waiting: What waits to be sent.
        file_count: Files sent so far.
        row_count: Rows in them.
        repeated_file_count: Files whose bytes had been sent before.
    """

    def __init__(
        self, world: World, utility_code: str, system: System, tables: Tables, landing: Path, waiting: Waiting
    ) -> None:
        self.system = system
        self.waiting = waiting
        self.file_count = 0
        self.row_count = 0
        self.repeated_file_count = 0
        self._world = world
        self._utility_code = utility_code
        self._tables = tables
        self._feed = landing / system.code.lower()
        is_personal = any(extract.personal_columns for extract in system.extracts)
        landing.mkdir(parents=True, exist_ok=True)
        self._feed.mkdir(mode=PRIVATE if is_personal else 0o777, exist_ok=True)
        (self._feed / "feed.yml").write_text(SETTINGS, encoding="utf-8", newline="\n")
        self._labels: list[Mishap] = []

    def send(self, period: Period) -> list[Mishap]:
        """Send the file of a period and what was left waiting until then; labels of what went wrong with it."""
        self._labels = []
        dice = Dice(self._world.seed, f"mishaps of {self.system.code}", period.last.toordinal())
        plan = mishaps.plan_mishaps(self._world.scale, self.system.code, period, dice)
        sections = self._sections(period)
        damage = self._damage_rows(period, plan, sections, dice)
        blanked = self._blank_values(period, plan, sections, damage, dice)
        self._mend_rows(period, sections)
        twice = self._repeat_rows(plan, sections, dice)
        name = f"{self.system.code.lower()}_{period.label}"
        numbers = line_numbers(sections)
        for kind, (table, place, detail) in (*damage, *blanked, *twice):
            self._label(period, kind, f"{name}.csv", detail, table, numbers[table] + place)
        self._send_file(period, plan, name, sections, dice)
        for file in self.waiting.take_files(period.last.isoformat()):
            self._write(file.name, file.text, datetime.fromisoformat(file.sent_at_utc), file.row_count)
            self.repeated_file_count += file.is_repeat
        return self._labels

    def _sections(self, period: Period) -> list[Section]:
        """What was written down in a period; up to its end for the opening."""
        day = pl.col(BUSINESS_DATE)
        is_due = day <= period.last if period.is_opening else day.is_between(period.first, period.last)
        return [section(extract, self._tables[extract.name].filter(is_due)) for extract in self.system.extracts]

    def _damage_rows(self, period: Period, plan: mishaps.Plan, sections: list[Section], dice: Dice) -> list[_Mark]:
        """Break rows in place; each is sent right later."""
        places = [(one, place) for one in sections for place in range(len(one.lines) if plan.broken_rows else 0)]
        damage = []
        due = (period.last + timedelta(days=mishaps.MENDED_AFTER_DAYS)).isoformat()
        for _ in range(min(plan.broken_rows, len(places))):
            one, place = places.pop(dice.integer(0, len(places) - 1))
            line = one.lines[place]
            one.lines[place], detail = mishaps.broken_row(one.extract, line, dice)
            self.waiting.rows.append(WaitingRow(due, one.extract.name, line))
            damage.append((mishaps.BROKEN_ROW, (one.extract.name, place, detail)))
        return damage

    def _blank_values(
        self, period: Period, plan: mishaps.Plan, sections: list[Section], damage: list[_Mark], dice: Dice
    ) -> list[_Mark]:
        """Leave a value out in place; a row with a later stamp brings it."""
        taken = {(table, place) for _, (table, place, _) in damage}
        able = [one for one in sections if one.lines and one.extract.name in mishaps.CORRECTED_COLUMNS]
        due = period.last + timedelta(days=mishaps.MENDED_AFTER_DAYS)
        blanked = []
        for _ in range(_TRIES * plan.corrected_rows if able else 0):
            one = dice.one_of(able)
            place = dice.integer(0, len(one.lines) - 1)
            if (one.extract.name, place) in taken or not mishaps.correctable(one.extract, one.lines[place]):
                continue
            one.lines[place], right, name = mishaps.corrected_row(one.extract, one.lines[place], by_day(due), dice)
            self.waiting.rows.append(WaitingRow(due.isoformat(), one.extract.name, right))
            blanked.append((mishaps.CORRECTED_ROW, (one.extract.name, place, name)))
            if len(blanked) == plan.corrected_rows:
                break
        return blanked

    def _mend_rows(self, period: Period, sections: list[Section]) -> None:
        """Send right what was broken or lacked a value."""
        by_name = {one.extract.name: one for one in sections}
        for row in self.waiting.take_rows(period.last.isoformat()):
            by_name[row.table].lines.append(row.line)

    def _repeat_rows(self, plan: mishaps.Plan, sections: list[Section], dice: Dice) -> list[_Mark]:
        """Write rows twice, at the end of their table."""
        filled = [one for one in sections if one.lines]
        repeats = []
        for _ in range(plan.duplicate_rows if filled else 0):
            one = dice.one_of(filled)
            one.lines.append(dice.one_of(one.lines))
            repeats.append((mishaps.DUPLICATE_ROW, (one.extract.name, len(one.lines) - 1, "")))
        return repeats

    def _send_file(self, period: Period, plan: mishaps.Plan, name: str, sections: list[Section], dice: Dice) -> None:
        """Send a file, or what becomes of it."""
        sent = morning_after(period.last)
        header = Header(self.system.code, self._utility_code, period.kind, period.first, period.last, sent)
        text = file_text(header, sections)
        count = sum(len(one.lines) for one in sections)
        mishap = plan.file_mishap
        if mishap == mishaps.WRONG_UTILITY:
            self._send_other(period, header, name, sections)
        elif mishap != mishaps.AS_USUAL:
            due = period.last + timedelta(days=plan.delay_days)
            again_at = morning_after(due, _AGAIN_MINUTES)
            again, is_repeat = text, mishap == mishaps.RESENT_IDENTICAL
            if not is_repeat:
                again = file_text(replace(header, sent_at_utc=again_at), sections)
            later_name = f"{name}.csv" if mishap == mishaps.LATE else f"{name}_r1.csv"
            file = WaitingFile(due.isoformat(), later_name, again_at.isoformat(), count, again, is_repeat)
            self.waiting.files.append(file)
            self._label(period, mishap, f"{name}.csv", f"{later_name} follows on {due}")
        if mishap not in (mishaps.MISSING, mishaps.LATE):
            self._write(f"{name}.csv", mishaps.damaged(text, mishap, dice), sent, count)

    def _send_other(self, period: Period, header: Header, name: str, sections: list[Section]) -> None:
        """Send a file of another utility beside that of the period."""
        foreign = mishaps.foreign_sections(sections)
        at = morning_after(period.last, _OTHER_MINUTES)
        text = file_text(replace(header, utility_code=OTHER_UTILITY, sent_at_utc=at), foreign)
        self._write(f"{name}_other.csv", text, at, sum(len(one.lines) for one in foreign))
        self._label(period, mishaps.WRONG_UTILITY, f"{name}_other.csv", OTHER_UTILITY)

    def _write(self, name: str, text: str, sent_at_utc: datetime, row_count: int) -> None:
        write_file(self._feed / name, text, sent_at_utc)
        self.file_count += 1
        self.row_count += row_count

    def _label(
        self, period: Period, kind: str, name: str, detail: str, table: str | None = None, line: int | None = None
    ) -> None:
        self._labels.append(Mishap(self.system.code, period.last, name, kind, detail, table, line))
