"""Green Button (NAESB ESPI) XML, written piece by piece: an Atom feed of usage points and their interval blocks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

import polars as pl

from pipelines.exports.espi_local_time import LocalTime

_RESOURCES = "/espi/1_1/resource"
_ESPI = "http://naesb.org/espi"
_NAMESPACE = uuid5(NAMESPACE_URL, f"{_ESPI}#meterhouse")
_FLOW_DIRECTIONS = {"delivered": 1, "received": 19}
_ENERGY_PER_INTERVAL = {"accumulationBehaviour": 4, "commodity": 1, "dataQualifier": 12}
_WATT_HOURS = {"kind": 12, "phase": 0, "powerOfTenMultiplier": 0, "timeAttribute": 0, "uom": 72}

_QUALITIES = {"V": "18", "A": "17", "G": "7", "Q": "10"}
"""Verified, validated, manually edited, questionable."""

_ESTIMATES = {"E0": "11", "E1": "9", "E1R": "9", "E2": "8", "E2R": "8"}
"""Estimated by linear interpolation, by reference days."""

_DERIVED = "11"
"""Any other estimate: deterministically derived."""

WRITTEN_INTERVALS = 50_000
"""Intervals whose text is in memory at a time, unless one day has more."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class UsagePoint:
    """A meter of the feed.

    Attributes:
        meter_id: Meter; in percent-encoding it ends the usage point's self link.
        time_zone: IANA zone.
        interval_minutes: Nominal interval length [min]; 1440 for a daily meter.
        channels: delivered, received or both: those that have a reading in the feed.
    """

    meter_id: str
    time_zone: str
    interval_minutes: int
    channels: tuple[str, ...]


class FeedWriter:
    """Writes one feed: `begin` once, `readings` piece by piece, `end`.

    The `up` link of a resource names the collection that holds it; a usage point is `related` to its meter readings
    and local time parameters, a meter reading to its interval blocks and its reading type. The id of a resource is
    the same in every feed, that of an interval block goes with its meter, channel and local day.

    Source: espi.xsd 3.3 for fields and their order, RFC 4287 for the feed, and the Green Button certification tests of
    function blocks 1, 4, 5 and 8 for links.

    Args:
        file: Open for writing.
        updated: Naive UTC; `published` and `updated` of the feed and of every entry.
    """

    def __init__(self, file: BinaryIO, updated: datetime) -> None:
        self._file = file
        self._updated = f"{updated:%Y-%m-%dT%H:%M:%SZ}"
        self._closing = (
            f"</content>\n<published>{self._updated}</published>\n<updated>{self._updated}</updated>\n</entry>"
        )

    def begin(self, points: Sequence[UsagePoint], local_times: Mapping[str, LocalTime]) -> None:
        """Write what describes the readings: local times, reading types, usage points and meter readings.

        Args:
            points: Meters of the feed.
            local_times: The clocks of the points' time zones.
        """
        meters = "\n".join(point.meter_id for point in points)
        self._write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<id>{_urn(meters)}</id>\n'
            f"<title>Green Button usage</title>\n<updated>{self._updated}</updated>\n"
            f"<author><name>Meterhouse</name></author>\n{_feed_link('self', f'{_RESOURCES}/UsagePoint')}"
        )
        for time_zone, local in local_times.items():
            self._entry(_local_time_href(time_zone), time_zone, _local_time_parameters(local))
        for channel, minutes in sorted({(name, point.interval_minutes) for point in points for name in point.channels}):
            self._entry(_reading_type_href(channel, minutes), f"Energy {channel}", _reading_type(channel, minutes))
        for point in points:
            self._usage_point(point)

    def readings(self, intervals: pl.DataFrame) -> int:
        """Write intervals of whole local days, one interval block per meter, channel and day.

        A block's `interval` reaches from its first to its last reading, as the certification tests want, and a null
        value has no reading. Both channels of an interval have its one published quality; where that is N, the missing
        value is the other channel's, and the reading has no quality.

        Args:
            intervals: Sorted by `meter_id` (String) and `interval_start_utc` (Datetime, naive UTC), with `usage_date`
                (Date), `interval_minutes` (Int64), `delivered_wh` and `received_wh` (Int64), `quality_code` and
                `estimate_method` (String) as in `fct_interval_usage`.

        Returns:
            Number of readings written.
        """
        count = 0
        for days in _whole_days(intervals):
            for channel in _FLOW_DIRECTIONS:
                known = days.filter(pl.col(f"{channel}_wh").is_not_null())
                self._lines(known, channel).write_csv(self._file, include_header=False, quote_style="never")
                count += known.height
        return count

    def end(self) -> None:
        """Write the end of the feed."""
        self._write("</feed>\n")

    def _write(self, text: str) -> None:
        self._file.write(text.encode())

    def _entry(self, href: str, title: str, content: str, related: str = "") -> None:
        self._write(f"{_opening(href, title, related)}{content}\n{self._closing}\n")

    def _usage_point(self, point: UsagePoint) -> None:
        href = f"{_RESOURCES}/UsagePoint/{quote(point.meter_id, safe='')}"
        content = f'<UsagePoint xmlns="{_ESPI}"><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>'
        related = _feed_link("related", f"{href}/MeterReading")
        related += _entry_link("related", _local_time_href(point.time_zone))
        self._entry(href, point.meter_id, content, related)
        for channel in point.channels:
            reading = f"{href}/MeterReading/{channel}"
            related = _feed_link("related", f"{reading}/IntervalBlock")
            related += _entry_link("related", _reading_type_href(channel, point.interval_minutes))
            self._entry(reading, f"Energy {channel}", f'<MeterReading xmlns="{_ESPI}"/>', related)

    def _lines(self, known: pl.DataFrame, channel: str) -> pl.DataFrame:
        """A line per reading; the first of a block opens its entry, the last closes it."""
        rows = known.select(
            "meter_id",
            "usage_date",
            start=pl.col("interval_start_utc").dt.epoch("s"),
            duration=pl.col("interval_minutes") * 60,
            value=f"{channel}_wh",
            quality=_quality(),
            is_first=_differs_from_neighbour(1),
            is_last=_differs_from_neighbour(-1),
        ).with_row_index("row")
        blocks = rows.filter("is_first").select("row", "meter_id", "usage_date", "start")
        ends = rows.filter("is_last").select(pl.col("start") + pl.col("duration")).to_series()
        openings = [
            _block_opening(meter_id, channel, str(day), start, end)
            for (meter_id, day, start), end in zip(blocks.select(pl.exclude("row")).iter_rows(), ends, strict=True)
        ]
        opened = blocks.select("row", opening=pl.Series(openings, dtype=pl.String))
        return rows.join(opened, on="row", how="left", maintain_order="left").select(
            pl.format(
                "{}<IntervalReading>{}<timePeriod><duration>{}</duration><start>{}</start></timePeriod>"
                "<value>{}</value></IntervalReading>{}",
                pl.col("opening").fill_null(""),
                "quality",
                "duration",
                "start",
                "value",
                pl.when("is_last").then(pl.lit(f"\n</IntervalBlock>\n{self._closing}")).otherwise(pl.lit("")),
            )
        )


def _whole_days(intervals: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Pieces of about `WRITTEN_INTERVALS` that do not cut a meter's day."""
    begins = intervals.select(pl.arg_where(_differs_from_neighbour(1))).to_series().cast(pl.Int64)
    cuts = begins.filter(((begins // WRITTEN_INTERVALS).diff() != 0).fill_null(value=True))
    for begin, end in pairwise([*cuts, intervals.height]):
        yield intervals[begin:end]


def _quality() -> pl.Expr:
    """ReadingQuality by the codes of an interval; empty where it has none."""
    code, method = pl.col("quality_code"), pl.col("estimate_method")
    estimate = method.replace_strict(_ESTIMATES, default=_DERIVED, return_dtype=pl.String).fill_null(_DERIVED)
    number = pl.when(code == "E").then(estimate).otherwise(code.replace_strict(_QUALITIES, default=None))
    return pl.format("<ReadingQuality><quality>{}</quality></ReadingQuality>", number).fill_null("")


def _differs_from_neighbour(rows: int) -> pl.Expr:
    """Whether a row begins (1) or ends (-1) a meter's local day."""
    day = [pl.col(name) != pl.col(name).shift(rows) for name in ("meter_id", "usage_date")]
    return pl.any_horizontal(day).fill_null(value=True)


def _block_opening(meter_id: str, channel: str, day: str, start: int, end: int) -> str:
    point = f"{_RESOURCES}/UsagePoint/{quote(meter_id, safe='')}"
    return (
        f"{_opening(f'{point}/MeterReading/{channel}/IntervalBlock/{day}', day)}"
        f'<IntervalBlock xmlns="{_ESPI}">\n'
        f"<interval><duration>{end - start}</duration><start>{start}</start></interval>\n"
    )


def _opening(href: str, title: str, related: str = "") -> str:
    """An entry up to its content; control characters, which XML cannot hold, are replaced in the title."""
    shown = escape(_NOT_XML.sub("\ufffd", title))
    links = _entry_link("self", href) + _feed_link("up", href.rpartition("/")[0]) + related
    return f'<entry>\n<id>{_urn(href)}</id>\n{links}<title>{shown}</title>\n<content type="application/xml">\n'


def _urn(name: str) -> str:
    return uuid5(_NAMESPACE, name).urn


def _entry_link(rel: str, href: str) -> str:
    return f'<link rel="{rel}" href="{href}" type="espi-entry/{href.split("/")[-2]}"/>\n'


def _feed_link(rel: str, href: str) -> str:
    return f'<link rel="{rel}" href="{href}" type="espi-feed/{href.split("/")[-1]}"/>\n'


def _local_time_href(time_zone: str) -> str:
    return f"{_RESOURCES}/LocalTimeParameters/{quote(time_zone, safe='')}"


def _reading_type_href(channel: str, interval_minutes: int) -> str:
    return f"{_RESOURCES}/ReadingType/{channel}-{interval_minutes}"


def _local_time_parameters(local: LocalTime) -> str:
    return _resource(
        "LocalTimeParameters",
        {
            "dstEndRule": local.dst_end_rule,
            "dstOffset": local.dst_offset,
            "dstStartRule": local.dst_start_rule,
            "tzOffset": local.tz_offset,
        },
    )


def _reading_type(channel: str, interval_minutes: int) -> str:
    length = {"flowDirection": _FLOW_DIRECTIONS[channel], "intervalLength": interval_minutes * 60}
    return _resource("ReadingType", _ENERGY_PER_INTERVAL | length | _WATT_HOURS)


def _resource(kind: str, fields: Mapping[str, str | int]) -> str:
    content = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<{kind} xmlns="{_ESPI}">{content}</{kind}>'
