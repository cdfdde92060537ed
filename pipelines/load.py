"""Loads one landing file into the raw layer: reads it part by part, writes, and tells what became of it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from pipelines.arrivals import Arrival
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ledger import Ledger
from pipelines.quarantine import keep_copy, release, write_reason, write_reasons
from pipelines.raw_writer import RawWriter, Totals
from pipelines.readers import Finding, OpenedFile, UnreadableFile, open_file
from pipelines.text import counted

_DEFECTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException)
"""Errors of libraries that no file ought to cause; one file that does must not keep the others from being loaded."""


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file.

    Attributes:
        file_name: Path below landing/.
        status_code: loaded, loaded_in_part, quarantined, unpacked (a container), known (nothing to do), or refused
            (known, but asked for with other settings; not to be opened; or with the file id of another file).
        sent_count: Reads and events in the file; None where it cannot be read.
        loaded_count: Reads and events taken into raw.
        quarantined_count: Reads and events set aside; None where the file cannot be read.
        message: One sentence for people.
        findings: What was noticed about its times, and the rules that settled it.
    """

    file_name: str
    status_code: str
    sent_count: int | None
    loaded_count: int
    quarantined_count: int | None
    message: str
    findings: tuple[Finding, ...] = ()

    @property
    def is_quarantined(self) -> bool:
        """True where something of the file was refused."""
        return self.status_code in ("loaded_in_part", "quarantined", "refused")


def load(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings) -> FileOutcome:
    """Read a file that is no container into raw; what cannot be read goes to quarantine/ with its reason."""
    writer = RawWriter(home, arrival.file_id, arrival.received_at)
    writer.discard()
    try:
        found = open_file(arrival.path, settings.read_options())
        _write_parts(found, writer)
        writer.finish(found.findings)
    except UnreadableFile as error:
        writer.discard()
        return quarantine_whole(home, ledger, arrival, settings, str(error))
    except _DEFECTS as error:
        writer.discard()
        # Messages of libraries may quote the file.
        reason = f"reading it fails ({type(error).__name__}), which is a defect of Meterhouse; please report it"
        return quarantine_whole(home, ledger, arrival, settings, reason)
    totals = writer.totals
    if totals.quarantined_count:
        keep_copy(home, arrival)
        write_reasons(home, arrival)
    else:
        release(home, arrival)
    status = "loaded" if not totals.quarantined_count else "loaded_in_part" if totals.loaded_count else "quarantined"
    ledger.add(
        {
            **arrival.entry(settings),
            "status_code": status,
            "format_code": found.format_code,
            "time_zone": found.time_zone,
            "time_zone_source_code": found.time_zone_source,
            "clock_code": found.clock_code,
            "label_code": found.label_code,
            "sent_count": totals.sent_count,
            "loaded_count": totals.loaded_count,
            "quarantined_count": totals.quarantined_count,
            "first_interval_start_utc": totals.first_start,
            "last_interval_start_utc": totals.last_start,
            "reason": totals.first_reason,
        }
    )
    message = _message(arrival.name, found, totals)
    counts = (totals.sent_count, totals.loaded_count, totals.quarantined_count)
    return FileOutcome(arrival.name, status, *counts, message, found.findings)


def quarantine_whole(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings, reason: str) -> FileOutcome:
    """Set a file aside that cannot be read as a whole."""
    keep_copy(home, arrival)
    write_reason(home, arrival, reason)
    ledger.add({**arrival.entry(settings), "status_code": "quarantined", "loaded_count": 0, "reason": reason})
    message = f"{arrival.name}: {reason}; the file is in quarantine/"
    return FileOutcome(arrival.name, "quarantined", None, 0, None, message)


def notices(outcomes: Iterable[FileOutcome]) -> list[str]:
    """What was noticed about the times of files, one line per kind: in which files, and what the first says of it."""
    noticed: dict[str, list[tuple[str, Finding]]] = {}
    for outcome in outcomes:
        for finding in outcome.findings:
            noticed.setdefault(finding.code, []).append((outcome.file_name, finding))
    lines = []
    for code, found in sorted(noticed.items()):
        name, first = found[0]
        others = f" and {counted(len(found) - 1, 'other file')}" if len(found) > 1 else ""
        reads = counted(sum(finding.count for _, finding in found), "read")
        lines.append(f"noticed in {name}{others}, {reads}: {first.text} ({code})")
    return lines


def _write_parts(found: OpenedFile, writer: RawWriter) -> None:
    """Read and write side by side: one part is written while the next is read."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        written = None
        for part in found.parts():
            if written is not None:
                written.result()
            written = pool.submit(writer.add, part)
        if written is not None:
            written.result()


def _message(name: str, found: OpenedFile, totals: Totals) -> str:
    is_assumed = found.time_zone_source == "default" and found.clock_code != "utc"
    zone = f"{found.time_zone}{' by default' if is_assumed else ''}"
    kinds = {
        "read": totals.interval_read_count,
        "register read": totals.register_read_count,
        "meter event": totals.meter_event_count,
    }
    if totals.first_reason is None:
        loaded = [counted(count, kind) for kind, count in kinds.items() if count] or [counted(0, "read")]
        return f"{name}: {', '.join(loaded)} loaded ({found.format_code}, {zone}, {found.clock_code} clock)"
    aside = f"{totals.quarantined_count:,} of {counted(totals.sent_count, 'value')} set aside"
    return f"{name}, {totals.first_reason}; {aside} with reasons in quarantine/, {totals.loaded_count:,} loaded"
