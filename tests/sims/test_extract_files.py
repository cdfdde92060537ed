"""Files of extracts keep their contracts, their labels and their promises: nothing is lost, whatever goes wrong."""

import csv
import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.extracts import SYSTEMS, Extract
from sims.plays import state_before
from sims.systems import mishaps
from sims.systems.crm import crm_tables
from sims.systems.css import css_tables
from sims.systems.dms import dms_tables
from sims.systems.periods import Period, periods
from sims.systems.sending import SETTINGS, ExtractsSent, send_extracts
from sims.systems.tables import Tables
from sims.systems.weather_station import weather_tables
from sims.world.build import build_society
from sims.world.draws import Dice
from sims.world.frames import SCALES
from sims.world.society import Society
from sims.world.weather import observations
from tests.sims.bills_of_nobody import some_bills
from tests.sims.extract_parser import BrokenExtractError, ExtractFile, Row, parse, parse_row
from tests.sims.population import FIRST, SEED, society
from tests.sims.sent import UTILITY_CODE

OPENING, END = FIRST["tiny"], SCALES["tiny"].last_date
DAILY_FROM = END - timedelta(days=6)
ISSUED = [OPENING + timedelta(days=9 * n) for n in range(1, 46)]
ZONE = ZoneInfo("America/Los_Angeles")
FILE_MISHAPS = set(mishaps.FILE_RATES)


@dataclass(frozen=True)
class Sent:
    folder: Path
    result: ExtractsSent

    def files(self, code: str) -> dict[str, Path]:
        return {path.name: path for path in sorted((self.folder / "landing" / code.lower()).glob("*.csv"))}

    def good(self, code: str) -> dict[str, ExtractFile]:
        """Files that can be read and are this utility's."""
        found = {}
        for name, path in self.files(code).items():
            try:
                file = parse(path)
            except BrokenExtractError:
                continue
            if file.utility_code == UTILITY_CODE:
                found[name] = file
        return found

    @property
    def labels(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth/mishaps/*.parquet")

    def hashes(self) -> dict[str, str]:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {str(p.relative_to(self.folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def send(folder: Path, people: Society, first: date, last: date) -> ExtractsSent:
    bills, lines = some_bills([day for day in ISSUED if first <= day <= last])
    weather = observations(people.world, first, last)
    daily_from = max(first, DAILY_FROM)
    places = (folder / "landing", folder / "truth")
    return send_extracts(people, UTILITY_CODE, bills, lines, weather, *places, first, last, daily_from=daily_from)


def true_tables(people: Society) -> dict[str, Tables]:
    weather = observations(people.world, OPENING, END)
    return {
        "CSS": css_tables(people, *some_bills([day for day in ISSUED if day <= END])),
        "CRM": crm_tables(people),
        "DMS": dms_tables(people),
        "WEATHER": weather_tables(people.world.seed, weather),
    }


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    folder = tmp_path_factory.mktemp("extracts")
    return Sent(folder, send(folder, society("tiny"), OPENING, END))


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_every_file_keeps_the_contract_except_where_truth_says_so(sent: Sent, code: str) -> None:
    labels = sent.labels.filter(system_code=code)
    broken = labels.filter(mishap_kind="broken_row").select("file_name", "line_number")
    unreadable = labels.filter(pl.col("mishap_kind").is_in([mishaps.CUT_OFF, mishaps.WRONG_HASH]))["file_name"]
    foreign = labels.filter(mishap_kind=mishaps.WRONG_UTILITY)["file_name"]
    refused: set[tuple[str, int]] = set()
    for name, path in sent.files(code).items():
        if name in unreadable:
            with pytest.raises(BrokenExtractError):
                parse(path)
            continue
        file = parse(path)
        assert file.system_code == code
        assert (file.utility_code != UTILITY_CODE) == (name in foreign)
        assert file.sent_at_utc.date() > file.last_date
        if name not in foreign and "_r1" not in name:
            refused |= {(name, line) for line, _ in file.refused}
    readable = broken.filter(~pl.col("file_name").is_in(unreadable.implode()))
    sent_names = list(sent.files(code))
    assert refused == set(readable.filter(pl.col("file_name").is_in(sent_names)).iter_rows())


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_no_fact_is_lost_and_none_is_invented(sent: Sent, code: str) -> None:
    received: dict[str, set[tuple[object, ...]]] = {}
    for file in sent.good(code).values():
        for table, rows in file.tables.items():
            received.setdefault(table, set()).update(tuple(row.values()) for row in rows)
    for name, table in true_tables(society("tiny"))[code].items():
        due = table.filter(pl.col("_business_date") <= END).drop("_business_date")
        wanted, found = set(due.iter_rows()), received.get(name, set())
        labels = sent.labels.filter(system_code=code, mishap_kind=mishaps.CORRECTED_ROW, table_name=name)
        later = [row for row in found - wanted if sum(a != b for a, b in _nearest(row, wanted)) == 1]
        assert len(found - wanted) == len(later), name
        assert len(wanted - found) <= labels.height, name
        stamp = due.columns.index("changed_at_utc")
        corrected = [
            row for row in later if row[:stamp] + row[stamp + 1 :] in {w[:stamp] + w[stamp + 1 :] for w in wanted}
        ]
        assert len(corrected) == len(wanted - found), name


def _nearest(row: tuple[object, ...], rows: set[tuple[object, ...]]) -> list[tuple[object, object]]:
    """A row beside the one that differs least from it."""
    return min((list(zip(row, other, strict=True)) for other in rows), key=lambda pairs: sum(a != b for a, b in pairs))


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_rows_stand_in_the_file_of_the_date_on_which_they_were_written_down(sent: Sent, code: str) -> None:
    repaired = sent.labels.filter(system_code=code, mishap_kind="broken_row").height
    stamp = "observed_hour_start_utc" if code == "WEATHER" else "changed_at_utc"
    strangers = 0
    for file in sent.good(code).values():
        for rows in file.tables.values():
            for row in rows:
                day = _local_date(row, stamp)
                strangers += day > file.last_date or (day < file.first_date and file.first_date != OPENING)
    copies = 3  # a row that is sent right can stand in a file that is sent again
    assert 0 < strangers <= repaired * copies


def _local_date(row: Row, stamp: str) -> date:
    instant = row[stamp]
    assert isinstance(instant, datetime)
    return instant.replace(tzinfo=UTC).astimezone(ZONE).date()


def test_every_kind_of_mishap_occurs_and_files_are_there_as_labelled(sent: Sent) -> None:
    for system in SYSTEMS:
        labels = sent.labels.filter(system_code=system.code)
        kinds = set(labels["mishap_kind"])
        wanted = {mishaps.BROKEN_ROW, mishaps.DUPLICATE_ROW, mishaps.MISSING, mishaps.LATE, mishaps.WRONG_UTILITY}
        assert kinds >= wanted | {mishaps.RESENT_IDENTICAL, mishaps.RESENT_NEWER, mishaps.CUT_OFF}
        files = sent.files(system.code)
        for label in labels.filter(pl.col("mishap_kind").is_in(FILE_MISHAPS)).iter_rows(named=True):
            name, kind = label["file_name"], label["mishap_kind"]
            again = files.get(name.replace(".csv", "_r1.csv"))
            assert (name in files) == (kind != mishaps.MISSING)
            assert (again is not None) == (kind not in (mishaps.LATE, mishaps.WRONG_UTILITY))
            if again is not None and name in files:
                is_same = again.read_bytes() == files[name].read_bytes()
                assert is_same == (kind == mishaps.RESENT_IDENTICAL)
                assert again.stat().st_mtime > files[name].stat().st_mtime
        labelled = set(labels["file_name"])
        extra = [name for name in files if name.endswith(("_r1.csv", "_other.csv"))]
        assert {name.replace("_r1", "") for name in extra} <= labelled


def test_duplicate_rows_are_labelled_where_they_stand(sent: Sent) -> None:
    found = sent.labels.filter(mishap_kind="duplicate_row")
    assert not found.is_empty()
    for label in found.iter_rows(named=True):
        path = sent.files(label["system_code"])[label["file_name"]]
        lines = path.read_text(encoding="utf-8").split("\n")
        line = lines[label["line_number"] - 1]
        assert lines[: label["line_number"] - 1].count(line) == 1


def test_the_daily_files_hold_a_resent_file_of_every_system_and_the_history_a_broken_row(sent: Sent) -> None:
    for system in SYSTEMS:
        labels = sent.labels.filter(system_code=system.code)
        daily = labels.filter(pl.col("business_date") >= DAILY_FROM)
        assert mishaps.RESENT_NEWER in set(daily["mishap_kind"])
        assert daily["mishap_kind"].n_unique() >= 2
        opening = labels.filter(pl.col("business_date") < OPENING + timedelta(days=31))
        assert mishaps.BROKEN_ROW in set(opening["mishap_kind"])


def test_names_headers_and_times_of_files(sent: Sent) -> None:
    for system in SYSTEMS:
        files = sent.files(system.code)
        assert (sent.folder / "landing" / system.code.lower() / "feed.yml").read_text(encoding="utf-8") == SETTINGS
        for name, file in sent.good(system.code).items():
            is_daily = file.kind == "daily"
            label = f"{file.first_date}" if is_daily else f"{file.first_date:%Y-%m}"
            assert name.startswith(f"{system.code.lower()}_{label}")
            assert (file.first_date >= DAILY_FROM) == is_daily
            assert (file.first_date == file.last_date) == is_daily
            modified = files[name].stat().st_mtime
            sent_at = file.sent_at_utc.replace(tzinfo=UTC).timestamp()
            is_copy = sent.labels.filter(
                file_name=name.replace("_r1", ""), system_code=system.code, mishap_kind=mishaps.RESENT_IDENTICAL
            ).height
            assert modified == sent_at or (is_copy and "_r1" in name and modified > sent_at)


def test_counts_are_those_of_the_files(sent: Sent) -> None:
    paths = [path for system in SYSTEMS for path in sent.files(system.code).values()]
    assert sent.result.file_count == len(paths)
    readable = [file for system in SYSTEMS for file in sent.good(system.code).values()]
    assert sent.result.row_count > sum(file.row_count for file in readable)


def test_the_same_world_gives_the_same_bytes(sent: Sent, tmp_path: Path) -> None:
    send(tmp_path, society("tiny"), OPENING, END)
    assert Sent(tmp_path, sent.result).hashes() == sent.hashes()


def test_days_played_one_after_the_other_give_the_files_of_days_played_at_once(tmp_path: Path) -> None:
    end = END + timedelta(days=40)
    people = build_society(SCALES["tiny"], SEED, OPENING, end)
    at_once = Sent(tmp_path / "at_once", send(tmp_path / "at_once", people, OPENING, end))
    steps = tmp_path / "steps"
    first = OPENING
    for last in (END, END + timedelta(days=1), END + timedelta(days=2), END + timedelta(days=19), end):
        send(steps, build_society(SCALES["tiny"], SEED, OPENING, last), first, last)
        shutil.rmtree(state_before(steps / "truth", first), ignore_errors=True)
        first = last + timedelta(days=1)
    in_steps = Sent(steps, at_once.result)
    assert in_steps.hashes() == at_once.hashes()
    times = {path.name: path.stat().st_mtime for system in SYSTEMS for path in at_once.files(system.code).values()}
    assert times == {p.name: p.stat().st_mtime for system in SYSTEMS for p in in_steps.files(system.code).values()}


def test_truth_of_people_is_complete(sent: Sent) -> None:
    folder = sent.folder / "truth/people"
    assert pl.read_parquet(folder / "persons.parquet").equals(society("tiny").persons)
    assert pl.read_parquet(folder / "moves.parquet").height == society("tiny").moves.height
    assert pl.read_parquet(folder / "device_reports.parquet")["is_contradiction"].dtype == pl.Boolean


@given(
    start=st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    history=st.integers(0, 200),
    days=st.integers(1, 40),
)
def test_periods_cover_every_date_once(start: date, history: int, days: int) -> None:
    opening = start.replace(day=1)
    daily_from = opening + timedelta(days=history)
    last = daily_from + timedelta(days=days - 1)
    found = list(periods(opening, last, daily_from, opening))
    covered = [day for one in found for day in pl.date_range(one.first, one.last, eager=True)]
    assert covered == pl.date_range(opening, last, eager=True).to_list()
    assert [one.is_opening for one in found] == [True] + [False] * (len(found) - 1)
    assert len({one.label for one in found}) == len(found)
    assert all((one.kind == "daily") == (one.first >= daily_from) for one in found)


@given(fields=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])), min_size=2, max_size=6))
def test_lines_of_csv_read_back(fields: list[str]) -> None:
    assert next(csv.reader([mishaps.csv_line(fields)])) == fields


def test_mishaps_come_at_their_rates_after_the_opening_history() -> None:
    after = END + timedelta(days=1)
    drawn = []
    for ordinal in range(after.toordinal(), after.toordinal() + 4_000):
        day = date.fromordinal(ordinal)
        period = Period("daily", day, day, is_opening=False)
        drawn.append(mishaps.plan_mishaps(SCALES["tiny"], "CSS", period, Dice(SEED, "test", ordinal)))
    for kind, rate in mishaps.FILE_RATES.items():
        found = sum(plan.file_mishap == kind for plan in drawn) / len(drawn)
        assert found == pytest.approx(rate, abs=4 * (rate / len(drawn)) ** 0.5), kind
    assert sum(plan.broken_rows > 0 for plan in drawn) / 4_000 == pytest.approx(mishaps.BROKEN_ROW_RATE, abs=0.016)


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_a_broken_row_breaks_its_contract_and_says_how(sent: Sent, code: str) -> None:
    path = next(iter(sent.files(code).values()))
    faults = set()
    lines = path.read_text(encoding="utf-8").split("\n")
    for start in [number for number, line in enumerate(lines) if line.startswith("TABLE,")]:
        extract = next(system for system in SYSTEMS if system.code == code).extract(lines[start].split(",")[1])
        assert extract is not None
        whole = next(line for line in lines[start + 2 :] if _is_whole(extract, line))
        for number in range(40):
            broken, detail = mishaps.broken_row(extract, whole, Dice(number, "test"))
            faults.add(detail.split(" ")[0])
            with pytest.raises(ValueError, match=r"."):
                parse_row(extract, broken)
    assert faults >= {"blank_key", "field_too_many", "bad_instant"}


def _is_whole(extract: Extract, line: str) -> bool:
    try:
        parse_row(extract, line)
    except BrokenExtractError:
        return False
    return True


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_a_row_that_lacks_a_value_is_corrected_with_a_later_stamp(sent: Sent, code: str) -> None:
    labels = sent.labels.filter(system_code=code, mishap_kind=mishaps.CORRECTED_ROW)
    assert not labels.is_empty()
    assert not sent.labels.filter(system_code=code, mishap_kind=mishaps.WRONG_HASH).is_empty()
    rows = [line for path in sent.files(code).values() for line in path.read_text(encoding="utf-8").split("\n")]
    everything = {tuple(fields) for fields in csv.reader(rows)}
    for label in labels.iter_rows(named=True):
        extract = next(system for system in SYSTEMS if system.code == code).extract(label["table_name"])
        path = sent.files(code).get(label["file_name"])
        if extract is None or path is None or label["file_name"].endswith("_r1.csv"):
            continue
        line = path.read_text(encoding="utf-8").split("\n")[label["line_number"] - 1]
        names = list(extract.columns)
        place, stamp = names.index(label["detail"]), names.index("changed_at_utc")
        lacking = next(csv.reader([line]))
        assert lacking[place] == ""
        rest = [n for n in range(len(names)) if n not in (place, stamp)]
        same = [row for row in everything if len(row) == len(names) and all(row[n] == lacking[n] for n in rest)]
        assert any(row[place] and row[stamp] > lacking[stamp] for row in same)
