"""Feed settings: how the files of one folder below landing/ are to be read.

`landing/<feed>/feed.yml` holds them for files that a system drops there by itself; `meterhouse ingest` takes them as
options. Whatever is not given is detected from the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from models.clock import check_time_zone
from models.columns import ALLOWED_MINUTES
from models.entities import UNCLASSIFIED
from models.tables.raw import CLOCKS, FORMATS, LABELS
from pipelines.home import Home
from pipelines.readers import ReadOptions
from pipelines.reference import UTILITY_CODE, territory, vee_settings

FEED_FILE = "feed.yml"
MANUAL_FEED = "manual"
"""Feed of files that are taken in by hand."""
UNITS = ("wh", "kwh", "mwh")
VERDICTS_OF = ("own", "mdms")
RECEIPTS = ("load", "modified")
FEED_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class FeedError(ValueError):
    """A feed's settings are wrong; the message says which and what is allowed."""


@dataclass(frozen=True)
class FeedSettings:
    """How to read the files of a feed.

    Attributes:
        format: csv, parquet or espi.
        time_zone: IANA zone of the meters.
        clock: utc, local (wall clock) or standard (the zone's standard time all year).
        label: Whether time labels name the start or the end of an interval.
        unit: wh, kwh or mwh, for files that do not say.
        interval_minutes: Interval length, for files that do not show it.
        meter_id: Meter of a file that names none.
        customer_class: Selects VEE limits.
        vee: Whose verdict on reads holds: own (our rules) or mdms (the flags that came with them).
        is_synthetic: True for data made by a simulator.
        received_at: What counts as the time of receipt: load (time of loading) or modified (the file's time of change).
        received_at_utc: Time of receipt given for these files; wins over `received_at`.
        utility_code: Utility whose extracts are taken; the territory's if not given.
    """

    format: str | None = None
    time_zone: str | None = None
    clock: str | None = None
    label: str | None = None
    unit: str | None = None
    interval_minutes: int | None = None
    meter_id: str | None = None
    customer_class: str = UNCLASSIFIED
    vee: str = "own"
    is_synthetic: bool = False
    received_at: str = "load"
    received_at_utc: datetime | None = None
    utility_code: str | None = None

    def __post_init__(self) -> None:
        choices: dict[str, tuple[str, ...]] = {
            "format": FORMATS,
            "clock": CLOCKS,
            "label": LABELS,
            "unit": UNITS,
            "customer_class": vee_settings().customer_classes,
            "vee": VERDICTS_OF,
            "received_at": RECEIPTS,
        }
        for name, allowed in choices.items():
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise FeedError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
        if self.interval_minutes is not None and self.interval_minutes not in ALLOWED_MINUTES:
            listed = ", ".join(str(minutes) for minutes in ALLOWED_MINUTES)
            raise FeedError(f"interval_minutes is {self.interval_minutes}; it must be one of {listed}")
        if self.utility_code is not None and not UTILITY_CODE.fullmatch(str(self.utility_code)):
            raise FeedError(f"utility_code is {self.utility_code!r}; it must be 1 to 20 letters and digits")
        if self.meter_id is not None and not str(self.meter_id).strip():
            raise FeedError("meter_id is empty; name the meter, or leave it out where the file names its meters")
        if self.time_zone is not None:
            try:
                ZoneInfo(self.time_zone)
                check_time_zone(self.time_zone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise FeedError(f"time_zone {self.time_zone!r} is not an IANA time zone") from None

    def read_options(self) -> ReadOptions:
        """The part of the settings that readers need."""
        return ReadOptions(
            format_code=self.format,
            time_zone=self.time_zone,
            clock_code=self.clock,
            label_code=self.label,
            unit=self.unit,
            interval_minutes=self.interval_minutes,
            meter_id=self.meter_id,
            default_time_zone=territory().time_zone,
        )

    def receipt_of(self, path: Path) -> datetime:
        """Time of receipt of a file, naive UTC."""
        if self.received_at_utc is not None:
            return self.received_at_utc
        if self.received_at == "modified":
            return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
        return datetime.now(UTC).replace(tzinfo=None)

    def overridden(self, options: Mapping[str, Any]) -> "FeedSettings":
        """These settings with the given options, where they are not None, in their place."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})


def check_feed_name(feed: str) -> None:
    """Make sure that a feed's name is that of a folder below landing/.

    Raises:
        FeedError: It is not.
    """
    if not FEED_NAME.fullmatch(feed):
        raise FeedError(f"feed {feed!r} is not a folder name: use letters, digits, dots, hyphens and underscores")


def feed_of(home: Home, path: Path) -> str:
    """The feed whose folder below landing/ a file lies in; that of files taken in by hand for any other place."""
    landing, place = home.landing.resolve(), path.parent.resolve() / path.name
    parts = place.relative_to(landing).parts if place.is_relative_to(landing) else (path.name,)
    return parts[0] if len(parts) > 1 else MANUAL_FEED


def read_feed(home: Home, feed: str) -> FeedSettings:
    """Settings of landing/<feed>/feed.yml, or the defaults where there is none.

    Raises:
        FeedError: The name is none of a folder, or the file cannot be understood; the message names it.
    """
    check_feed_name(feed)
    path = home.landing / feed / FEED_FILE
    if not path.exists():
        return FeedSettings()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(data, dict):
            raise FeedError("it must hold settings as `name: value` lines")
        known = {field.name for field in fields(FeedSettings)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise FeedError(f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return FeedSettings(**data)
    except UnicodeDecodeError:
        raise FeedError(f"{path}: it is no UTF-8 text; write settings as `name: value` lines") from None
    except RecursionError:
        raise FeedError(f"{path}: it is nested too deep") from None
    except TypeError:
        raise FeedError(f"{path}: a value is of the wrong kind; write settings as `name: value` lines") from None
    except (ValueError, yaml.YAMLError) as error:
        raise FeedError(f"{path}: {' '.join(str(error).split())}") from None


def feeds_trusted(home: Home) -> list[str]:
    """Feeds whose settings say that the verdicts which come with their reads hold (`vee: mdms`), in order.

    Raises:
        FeedError: A feed's settings cannot be understood; the message names the file.
    """
    feeds = sorted(path.parent.name for path in home.landing.glob(f"*/{FEED_FILE}"))
    return [feed for feed in feeds if read_feed(home, feed).vee == "mdms"]
