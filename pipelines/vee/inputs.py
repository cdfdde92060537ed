"""What the vee layer rests on, as it is now and as it was when the layer was last told of it."""

import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import polars as pl

from models.tables.entities import DAILY_WEATHER, DATES, METER_CHANNELS, METERS
from models.tables.raw import FILES
from models.vee.settings import VeeSettings
from pipelines import lake
from pipelines.feeds import feeds_trusted
from pipelines.home import Home
from pipelines.vee.journal import Journal, state_folder

_NOT_JUDGED = ["is_synthetic", "has_received_channel"]
"""Columns of `entities.meters` that no verdict rests on."""


@dataclass(frozen=True)
class Inputs:
    """Everything but the reads themselves that decides what the vee layer holds.

    Attributes:
        settings: `settings_hash` of thresholds and of the feeds whose verdicts are taken, one row; none before there
            is a layer.
        files: `file_id` of every loaded file.
        meters: Columns of `entities.meters` that verdicts rest on.
        channels: Columns of `entities.meter_channels` but the count of files.
        weather: `climate_zone`, `usage_date`, `max_temperature_degc`.
        holidays: `usage_date`.
    """

    settings: pl.DataFrame
    files: pl.DataFrame
    meters: pl.DataFrame
    channels: pl.DataFrame
    weather: pl.DataFrame
    holidays: pl.DataFrame

    @classmethod
    def now(cls, home: Home, settings: VeeSettings) -> "Inputs":
        """The inputs as they are."""
        text = "\n".join([settings.as_text(), *feeds_trusted(home)])
        return cls(
            pl.DataFrame({"settings_hash": [hashlib.sha256(text.encode()).hexdigest()]}),
            lake.read_frame(home, FILES).filter(pl.col("loaded_count") > 0).select("file_id"),
            lake.read_frame(home, METERS).drop(_NOT_JUDGED),
            lake.read_frame(home, METER_CHANNELS).drop("file_count"),
            lake.read_frame(home, DAILY_WEATHER).select("climate_zone", "usage_date", "max_temperature_degc"),
            lake.read_frame(home, DATES).filter("is_holiday").select("usage_date"),
        )

    @classmethod
    def before(cls, home: Home, now: "Inputs") -> "Inputs":
        """The inputs that the layer has been told of; without rows where there is no layer yet.

        Args:
            home: Home folder.
            now: Gives the columns.
        """
        if not _path(home, "settings").exists():
            return replace(now, **{name: getattr(now, name).clear() for name in _names()})
        return cls(**{name: pl.read_ipc(_path(home, name).read_bytes()) for name in _names()})

    def stage(self, home: Home, journal: Journal) -> None:
        """Let the layer know of these inputs from the journal's commit on."""
        for name in _names():
            getattr(self, name).write_ipc(journal.stage(_path(home, name)), compression="zstd")

    def equals(self, other: "Inputs") -> bool:
        """True where nothing differs."""
        return all(getattr(self, name).equals(getattr(other, name)) for name in _names())


def _names() -> list[str]:
    return [field.name for field in fields(Inputs)]


def _path(home: Home, name: str) -> Path:
    return state_folder(home) / f"{name}.arrow"
