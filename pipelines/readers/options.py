"""What a caller asks of a reader, and what it gets back."""

from dataclasses import dataclass

from pipelines.text import printable

DAILY_MINUTES = (1380, 1440, 1500)
"""Lengths of a local day: 23, 24 or 25 hours."""

WH_POWERS = {"wh": 0, "kwh": 3, "mwh": 6}
"""Power of ten that turns a unit into watt-hours."""


_LONGEST_SENTENCE = 1000


class UnreadableFile(ValueError):  # noqa: N818 - a file is refused; the code is not in error
    """A whole file is refused; the message is one sentence that names the line, if any, and the reason.

    Sentences quote what the file holds, so characters that cannot be shown are replaced and long ones are cut.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence, _LONGEST_SENTENCE))


@dataclass(frozen=True)
class ReadOptions:
    """What is known about a file beforehand; None means: take the file's own evidence.

    Attributes:
        format_code: csv, parquet, espi, cmep or nem12; found by content.
        time_zone: IANA zone of the meters. Given here it wins over the file's evidence (ESPI LocalTimeParameters),
            which wins over `default_time_zone`.
        clock_code: utc, local or standard. Found by column name (`_utc`), else local.
        label_code: start or end. Found by column name, else start.
        unit: kwh, wh or mwh. Found by column name.
        interval_minutes: 5, 10, 15, 30, 60 or 1440. Found by column, else as the most common step between labels.
        meter_id: The file's only meter.
        default_time_zone: Zone of files that name none.
    """

    format_code: str | None = None
    time_zone: str | None = None
    clock_code: str | None = None
    label_code: str | None = None
    unit: str | None = None
    interval_minutes: int | None = None
    meter_id: str | None = None
    default_time_zone: str = "America/Los_Angeles"
