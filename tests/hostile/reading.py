"""Reads a file as ingest does and holds the account against what every file must keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.readers import Part, ReadOptions, UnreadableFile, open_file

LONGEST_REASON = 1000
_PLACE = ["row_number", "value_position"]


@dataclass(frozen=True)
class Account:
    """What became of a file.

    Attributes:
        format_code: Format that it was read as; null where it was refused before.
        sentence: Why it is refused as a whole, else None.
        loaded: Places of reads, auxiliary reads, register reads and events.
        rejects: As in `Part`.
    """

    format_code: str | None
    sentence: str | None
    loaded: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def sent_count(self) -> int:
        return self.loaded.height + self.rejects.height


def account_of(path: Path, options: ReadOptions) -> Account:
    """Read a file to its end; anything but `UnreadableFile` goes up."""
    format_code, sentence = None, None
    loaded, rejects = [pl.DataFrame(schema=dict.fromkeys(_PLACE, pl.Int64))], []
    try:
        found = open_file(path, options)
        format_code = found.format_code
        for part in found.parts():
            loaded += _places(part)
            rejects.append(part.rejects)
    except UnreadableFile as error:
        sentence = str(error)
        assert 0 < len(sentence) < 2 * LONGEST_REASON, len(sentence)
        assert "\n" not in sentence, sentence
    together = pl.concat(loaded, how="vertical_relaxed")
    refused = pl.concat(rejects) if rejects else pl.DataFrame(schema={**together.schema, "reason": pl.String})
    _check(together, refused)
    return Account(format_code, sentence, together, refused)


def _places(part: Part) -> Iterator[pl.DataFrame]:
    for frame in (part.reads, part.auxiliary_reads, part.register_reads, part.meter_events):
        assert frame["meter_id"].null_count() == 0
        yield frame.select(_PLACE)


def _check(loaded: pl.DataFrame, rejects: pl.DataFrame) -> None:
    """Every place of the file stands for one value, and every refused value has a reason of one line."""
    places = pl.concat([loaded, rejects.select(_PLACE)], how="vertical_relaxed")
    assert not places.is_duplicated().any(), places.filter(places.is_duplicated())
    assert (places["row_number"] >= 1).all()
    assert (places["value_position"] >= 0).all()
    reasons = rejects["reason"]
    assert reasons.null_count() == 0
    assert (reasons.str.len_chars() <= LONGEST_REASON).all()
    assert (reasons != "").all()
