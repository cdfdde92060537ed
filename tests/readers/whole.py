"""A landing file read to its end, all parts together."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.readers import ReadOptions, open_file
from pipelines.readers.findings import Finding

PLACE = ["meter_id", "channel_code", "interval_start_utc", "row_number", "value_position"]


@dataclass(frozen=True)
class WholeFile:
    """All parts of a file together."""

    format_code: str
    time_zone: str
    clock_code: str
    label_code: str
    findings: tuple[Finding, ...]
    reads: pl.DataFrame
    auxiliary_reads: pl.DataFrame
    register_reads: pl.DataFrame
    meter_events: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def sent_count(self) -> int:
        frames = (self.reads, self.auxiliary_reads, self.register_reads, self.meter_events, self.rejects)
        return sum(frame.height for frame in frames)


def read_file(path: Path, options: ReadOptions) -> WholeFile:
    found = open_file(path, options)
    parts = list(found.parts())
    names = ("reads", "auxiliary_reads", "register_reads", "meter_events", "rejects")
    frames = {name: pl.concat([getattr(part, name) for part in parts]) for name in names}
    frames["reads"] = frames["reads"].sort(PLACE)
    return WholeFile(found.format_code, found.time_zone, found.clock_code, found.label_code, found.findings, **frames)
