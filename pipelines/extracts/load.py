"""Loads one extract into raw and the vault, and tells what became of it."""

import re

import polars as pl
import pyarrow as pa

from models.extracts import SENDERS, Extract
from models.tables.raw import EXTRACT_FORMAT
from pipelines.arrivals import Arrival
from pipelines.extracts.envelope import Envelope, Header, Section, is_extract, read_envelope, read_header
from pipelines.extracts.judging import extra_columns, judge, missing_columns, refuse_all
from pipelines.extracts.likeness import resembles_extract
from pipelines.extracts.records import Piece, pieces
from pipelines.extracts.writer import ExtractWriter
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ledger import Ledger
from pipelines.load import FileOutcome
from pipelines.quarantine import release, write_reason, write_reasons
from pipelines.readers import UnreadableFile
from pipelines.reference import territory
from pipelines.text import counted

_DEFECTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_UNNAMEABLE = "unreadable_name"
_NO_EXTRACT = (
    "line 1: the file does not begin with HEADER, as a system's extracts do; send it again with header and trailer, or "
    "put files of reads into the folder of another feed"
)
_PART_OF_AN_EXTRACT = (
    "line 1: the file looks like a part of a system's extract and does not begin with HEADER and a comma, so nothing "
    "of it is read; send the extract whole, as the system wrote it"
)
_FEEDS = frozenset(system.code.lower() for system in SENDERS)


def is_from_system(arrival: Arrival) -> bool:
    """True for what may hold personal data: an extract, a part of one, and whatever comes by the feed of a system."""
    return arrival.feed.lower() in _FEEDS or resembles_extract(arrival.path)


def load_extract(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings) -> FileOutcome:
    """Read an extract; what breaks its contract is set aside, as a whole or by row, and never copied."""
    writer = ExtractWriter(home, arrival.file_id)
    writer.discard()
    try:
        if not is_extract(arrival.path):
            raise UnreadableFile(_PART_OF_AN_EXTRACT if resembles_extract(arrival.path) else _NO_EXTRACT)
        envelope = read_envelope(arrival.path, _utility(settings), arrival.received_at)
        _write_tables(arrival, envelope, writer)
    except UnreadableFile as error:
        writer.discard()
        return refuse_extract(home, ledger, arrival, settings, str(error))
    except _DEFECTS as error:
        writer.discard()
        reason = f"reading it fails ({type(error).__name__}), which is a defect of Meterhouse; please report it"
        return refuse_extract(home, ledger, arrival, settings, reason)
    release(home, arrival)
    if writer.quarantined_count:
        write_reasons(home, arrival)
    status = "loaded" if not writer.quarantined_count else "loaded_in_part" if writer.loaded_count else "quarantined"
    ledger.add(
        {
            **arrival.entry(settings),
            **_stated(envelope.header),
            "status_code": status,
            "sent_count": writer.sent_count,
            "loaded_count": writer.loaded_count,
            "quarantined_count": writer.quarantined_count,
            "reason": writer.first_reason,
        }
    )
    counts = (writer.sent_count, writer.loaded_count, writer.quarantined_count)
    return FileOutcome(arrival.name, status, *counts, _message(arrival.name, envelope.header, writer))


def refuse_extract(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings, reason: str) -> FileOutcome:
    """Refuse a file of an outside system as a whole; the reason goes to quarantine/, the file stays where it is."""
    release(home, arrival)
    write_reason(home, arrival, reason)
    try:
        stated = _stated(read_header(arrival.path, _utility(settings), arrival.received_at))
    except UnreadableFile:
        stated = {"format_code": EXTRACT_FORMAT if is_extract(arrival.path) else None}
    ledger.add({**arrival.entry(settings), **stated, "status_code": "quarantined", "loaded_count": 0, "reason": reason})
    message = f"{arrival.name}: {reason}; nothing of it is loaded, the reason is in quarantine/"
    return FileOutcome(arrival.name, "quarantined", None, 0, None, message)


def _utility(settings: FeedSettings) -> str:
    return settings.utility_code or territory().utility_code


def _stated(header: Header) -> dict[str, object]:
    return {
        "format_code": EXTRACT_FORMAT,
        "received_at_utc": header.sent_at,
        "system_code": header.system.code,
        "utility_code": header.utility_code,
        "first_business_date": header.first_business_date,
        "business_date": header.business_date,
        "sent_at_utc": header.sent_at,
    }


def _write_tables(arrival: Arrival, envelope: Envelope, writer: ExtractWriter) -> None:
    for section in envelope.sections:
        for piece in pieces(arrival.path, section):
            _write_piece(envelope.header, section, piece, writer)
    if writer.sent_count != envelope.row_count:
        raise UnreadableFile(
            f"the trailer states {counted(envelope.row_count, 'row')} and the file holds {writer.sent_count:,}; send "
            "the file again"
        )
    writer.finish()


def _write_piece(header: Header, section: Section, piece: Piece, writer: ExtractWriter) -> None:
    name = _nameable(section.name)
    if not piece.record_count:
        writer.begin(name, [], [])
        return
    extract = header.system.extract(section.name)
    if extract is None:
        writer.begin(name, [], [])
        known = ", ".join(one.name for one in header.system.extracts)
        unknown = f"table {name} is unknown; the tables of {header.system.code} are {known}"
        writer.set_aside(name, header, refuse_all(piece, unknown))
        return
    missing = missing_columns(extract, piece.columns)
    extra = [_nameable(one) for one in extra_columns(extract, piece.columns)]
    writer.begin(name, extra, missing)
    why = _unusable(extract, piece.columns, missing)
    if why is not None:
        writer.set_aside(name, header, refuse_all(piece, why))
        return
    judged = judge(extract, header, piece)
    writer.add(extract, judged.rows)
    writer.set_aside(name, header, judged.rejects)


def _nameable(name: str) -> str:
    return name if _NAME.fullmatch(name) else _UNNAMEABLE


def _unusable(extract: Extract, columns: list[str], missing: list[str]) -> str | None:
    if missing:
        return f"table {extract.name} lacks {', '.join(missing)}; every column of the contract must be there"
    twice = next((name for name in extract.columns if columns.count(name) > 1), None)
    return None if twice is None else f"table {extract.name} has column {twice} twice; send it once"


def _message(name: str, header: Header, writer: ExtractWriter) -> str:
    span = f"{header.first_business_date} to {header.business_date}"
    if writer.first_reason is None:
        return f"{name}: {counted(writer.loaded_count, 'row')} loaded ({header.system.code}, {header.kind}, {span})"
    aside = f"{writer.quarantined_count:,} of {counted(writer.sent_count, 'row')} set aside"
    return f"{name}, {writer.first_reason}; {aside} with reasons in quarantine/, {writer.loaded_count:,} loaded"
