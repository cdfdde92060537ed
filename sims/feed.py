"""A simulated meter data management system: interval reads with labelled faults.

Homes in Los Angeles time draw a base load, activity and cooling, and some generate solar power. Their reads
are sent as a utility sends them: a Parquet file per month with UTC start labels, and for the last week a CSV
file per day with local end labels. Some reads are lost, late, repeated or wrong; each such fault is labelled.

Conventions: arrays are [meter, slot], a slot being a quarter of an hour from the first local midnight on;
energy is in whole watt-hours, power in kW, temperature in degrees Fahrenheit; instants are naive UTC.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

FEED = "sim_mdms"
TIME_ZONE = "America/Los_Angeles"
SETTINGS = f"time_zone: {TIME_ZONE}\ncustomer_class: residential\nis_synthetic: true\nreceived_at: modified\n"

_SENT, _TWICE, _LATE, _LOST = range(4)  # ways that a read takes
FAULTS = {
    "gap_days": (0.0005, _LOST),
    "gap_long": (0.0025, _LOST),
    "gap_short": (0.008, _LOST),
    "late": (0.015, _LATE),
    "duplicate": (0.003, _TWICE),
    "conflict": (0.0002, _TWICE),
    "spike": (0.0003, _SENT),
    "negative": (0.0001, _SENT),
}
"""Share of meter-days with each fault, at least two faults per chunk, and the way that its reads take."""

_CHUNK_METERS, _SLOT_SECONDS = 1_000, 900
_DAILY_DAYS, _DELAY_DAYS = 7, {"reads": 0, "resend": 3, "late": 5}
_IMPOSSIBLE_WH = 13_200  # 1.1 × 240 V × 200 A × 15 minutes
_READ = ["meter_id", "interval_start_utc", "interval_minutes", "delivered_wh", "received_wh"]
_LABEL = ["meter_id", "channel_code", "interval_start_utc", "interval_end_utc", "fault_type", "true_wh"]
# Coast, inland, valley, desert: share of homes, share of them with cooling; outdoor mean and swings.
_CLIMATE_SHARE, _COOLED_SHARE = np.array([[0.35, 0.30, 0.25, 0.10], [0.35, 0.75, 0.90, 0.97]])
_MEAN_F, _SEASON_F, _DIURNAL_F = np.array([[62, 66, 65, 74], [5, 12, 17, 16], [6, 10, 13, 13]])

Array = npt.NDArray[Any]
Random = np.random.Generator
Labels = list[tuple[object, ...]]
Fault = tuple[str, int, int, int, float]  # type, row of the meter, first and end slot, size drawn from 0 to 1


@dataclass(frozen=True)
class Scale:
    """Size of a simulated world.

    Attributes:
        name: Name on the command line.
        meter_count: Number of meters.
        first_date: First local civil date.
        last_date: Last local civil date, inclusive.
    """

    name: str
    meter_count: int
    first_date: date
    last_date: date


SCALES: dict[str, Scale] = {
    "tiny": Scale("tiny", 12, date(2025, 10, 20), date(2026, 3, 20)),
    "demo": Scale("demo", 1_000, date(2025, 8, 1), date(2026, 8, 31)),
    "full": Scale("full", 10_000, date(2025, 8, 1), date(2026, 8, 31)),
}
"""Named scales; each spans both changes of daylight saving time."""


@dataclass
class SimulatedFiles:
    """What a simulation wrote.

    Attributes:
        paths: Data files below landing/, in the order of writing.
        read_count: Rows of those files, one per meter and interval sent, repeats included.
        fault_counts: Rows of truth/faults.parquet by fault type.
    """

    paths: list[Path] = field(default_factory=list)
    read_count: int = 0
    fault_counts: dict[str, int] = field(default_factory=dict)


def simulate(
    landing: Path, truth: Path, scale: Scale, seed: int = 7, report: Callable[[str], None] = lambda line: None
) -> SimulatedFiles:
    """Write a simulated meter data feed and its answer key.

    The same scale and seed give the same bytes. Files of the same name are replaced and others left alone, so
    give empty folders when these change. The modification time of a data file is its simulated send time.

    Args:
        landing: Folder that receives `sim_mdms/`: `feed.yml`; per month and chunk of 1,000 meters
            `reads_YYYY-MM_cNNN.parquet`, three days later `resend_…` and five days later `late_…`, with
            meter_id, interval_start_utc, interval_minutes, delivered_wh, received_wh (null without solar);
            per day of the last week `reads_YYYY-MM-DD_cNNN.csv` with local end labels and kWh.
        truth: Folder that receives `reads/YYYY-MM_cNNN.parquet` (true Wh, same columns) and `faults.parquet`
            (meter_id, channel_code, interval_start_utc, interval_end_utc exclusive, fault_type, true_wh).
        scale: Meters and local dates.
        seed: Seed of every random stream.
        report: Receives a line of progress per month.

    Returns:
        Paths and counts of what was written.

    Raises:
        ValueError: If the clock changes in the last week, where local labels would be ambiguous, or if the
            period is too short to hold every fault twice.
    """
    calendar = _Calendar(scale)
    weather = _Weather(calendar, _stream(seed, "weather"))
    chunks = [_Chunk(first, scale, calendar, seed) for first in range(0, scale.meter_count, _CHUNK_METERS)]
    feed = landing / FEED
    feed.mkdir(parents=True, exist_ok=True)
    (truth / "reads").mkdir(parents=True, exist_ok=True)
    (feed / "feed.yml").write_text(SETTINGS, encoding="utf-8", newline="\n")

    files = SimulatedFiles()
    labels: Labels = []
    for month, days in calendar.months:
        sent_before = files.read_count
        for chunk in chunks:
            net_kw = chunk.net_kw(weather, calendar, days, _stream(seed, "load", chunk.number, days.start))
            reads, chunk_labels = chunk.meter(net_kw, calendar, days)
            labels += chunk_labels
            reads.select(_READ).write_parquet(truth / "reads" / f"{month}_{chunk.name}.parquet")
            for name, rows, sent_date in _files(reads, calendar, days):
                path, sent_at = feed / name.format(chunk=chunk.name), _local_seconds(sent_date, 5)
                if path.suffix == ".csv":
                    rows.write_csv(path, float_precision=3)
                else:
                    rows.write_parquet(path)
                os.utime(path, (sent_at, sent_at))
                files.paths.append(path)
                files.read_count += rows.height
        report(f"{month}: {files.read_count - sent_before:,} reads")

    faults = pl.DataFrame(labels, schema=_LABEL, orient="row").sort(_LABEL)
    faults.write_parquet(truth / "faults.parquet")
    files.fault_counts = {kind: faults.filter(fault_type=kind).height for kind in FAULTS}
    return files


def _stream(seed: int, purpose: str, *key: int) -> Random:
    """A random stream of its own, so that no draw depends on what else was drawn."""
    purposes = ("weather", "homes", "load", "faults")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purposes.index(purpose), *key)))


class _Calendar:
    """Local days and their slots.

    By day: `dates`, `first_slot` (and the end of the last), `day_of_year`, `is_weekend`, `month_end` (the day
    after its month). By slot: `start_utc` (and the end of the last), `day`, `quarter` on the local clock.
    `months` are named slices of days; from `first_daily` on, days are sent as daily files.
    """

    def __init__(self, scale: Scale) -> None:
        count = (scale.last_date - scale.first_date).days + 1
        self.dates = [scale.first_date + timedelta(n) for n in range(count)]
        midnights = np.array([_local_seconds(day, 0) for day in (*self.dates, scale.last_date + timedelta(1))])
        self.first_slot = (midnights - midnights[0]) // _SLOT_SECONDS
        self.day_of_year = np.array([day.timetuple().tm_yday for day in self.dates])
        self.is_weekend = np.array([day.weekday() >= 5 for day in self.dates])
        months = np.array([12 * day.year + day.month for day in self.dates])
        self.month_end = np.searchsorted(months, months, side="right")
        spans = [slice(*span) for span in pairwise([0, *np.unique(self.month_end).tolist()])]
        self.months = [(f"{self.dates[days.start]:%Y-%m}", days) for days in spans]
        starts = np.arange(midnights[0], midnights[-1] + 1, _SLOT_SECONDS)
        self.start_utc = (starts * 1_000_000).astype("datetime64[us]")
        self.day = np.repeat(np.arange(count), np.diff(self.first_slot))
        wall = pl.Series(self.start_utc[:-1]).dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt
        self.quarter = (wall.hour().cast(pl.Int64) * 4 + wall.minute() // 15).to_numpy()
        self.first_daily = max(count - _DAILY_DAYS, 0)
        if np.any(np.diff(self.first_slot)[self.first_daily :] != 96):
            raise ValueError(f"the clock changes in the last {_DAILY_DAYS} days before {scale.last_date}")

    def slots(self, days: slice) -> slice:
        """Slots of a range of days."""
        return slice(int(self.first_slot[days.start]), int(self.first_slot[days.stop]))


def _local_seconds(day: date, hour: int) -> int:
    """Seconds since 1970 in UTC of an hour on the local wall clock."""
    return int(datetime.combine(day, time(hour), ZoneInfo(TIME_ZONE)).timestamp())


class _Weather:
    """Weather of the four climates: `felt_f` and `sunshine` (0 to 1 of full sun), both [climate, slot].

    Temperature is a seasonal mean, an AR(1) anomaly shared by all climates and a diurnal shape that peaks at
    15:30, smoothed over three hours as a house feels it. Sunshine is the sine of the solar elevation
    (at 34° N 118° W, declination after Cooper 1969, no equation of time) times a daily clearness.
    """

    def __init__(self, calendar: _Calendar, random: Random) -> None:
        slots, days = len(calendar.day), len(calendar.dates)
        day_of_year = calendar.day_of_year[calendar.day]
        anomaly = _recurse(random.normal(0, 4.5 * (1 - 0.75**2) ** 0.5, days), 0.75)
        outdoor = np.outer(np.cos(2 * np.pi * (day_of_year - 213) / 365), _SEASON_F)
        outdoor += np.outer(np.cos(2 * np.pi * (calendar.quarter / 4 - 15.5) / 24), _DIURNAL_F)
        outdoor += _MEAN_F + np.interp(np.arange(slots), calendar.first_slot[:-1] + 48, anomaly)[:, None]
        memory = float(np.exp(-0.25 / 3))
        outdoor[1:] *= 1 - memory
        self.felt_f = _recurse(outdoor, memory).T.astype(np.float32)

        seconds_utc = calendar.start_utc[:-1].astype("datetime64[s]").astype(np.int64) % 86_400
        hour_angle = np.radians((seconds_utc + _SLOT_SECONDS / 2) / 240 - 118 - 180)
        declination = np.radians(23.44) * np.sin(2 * np.pi * (284 + day_of_year) / 365)
        elevation = np.cos(np.radians(34)) * np.cos(declination) * np.cos(hour_angle)
        elevation += np.sin(np.radians(34)) * np.sin(declination)
        clearness = random.beta(6, 2, (len(_MEAN_F), days))[:, calendar.day]
        self.sunshine = (np.maximum(elevation, 0) * clearness).astype(np.float32)


def _recurse(values: Array, memory: float) -> Array:
    """First-order recursion y[t] = memory × y[t−1] + values[t] along the first axis, in place."""
    for step in range(1, len(values)):
        values[step] += memory * values[step - 1]
    return values


class _Chunk:
    """Up to 1,000 meters from meter `first` on, counted from 0, and the homes behind them.

    Every tenth meter is hourly (4 `slots_per_read`); 3 in 20 have solar and with it a received channel. Homes
    are [meter, 1] in kW, activity has a `shape` [meter, 192] of weekday and then weekend quarters of an hour.
    Medians and shares are tuned to annual use of 4,200, 7,000 and 11,000 kWh (P10, P50, P90) without solar.
    """

    def __init__(self, first: int, scale: Scale, calendar: _Calendar, seed: int) -> None:
        numbers = np.arange(first, min(first + _CHUNK_METERS, scale.meter_count))
        self.number, self.name = first // _CHUNK_METERS, f"c{first // _CHUNK_METERS:03}"
        self.meter_ids = pl.Series([f"SIM-{number + 1:05}" for number in numbers])
        self.slots_per_read = np.where(numbers % 10 == 9, 4, 1)
        self.has_solar = np.isin(numbers % 20, (2, 8, 19))
        self.faults = list(_plan_faults(self.slots_per_read, calendar, _stream(seed, "faults", self.number)))
        random, each = _stream(seed, "homes", self.number), (len(numbers), 1)
        self.climate = random.choice(len(_CLIMATE_SHARE), len(numbers), p=_CLIMATE_SHARE)
        self.base = (0.15 * random.lognormal(0, 0.45, each) + 0.09).astype(np.float32)
        self.activity = (0.62 * random.lognormal(0, 0.5, each)).astype(np.float32)
        self.appliance = random.uniform(0.6, 2.2, each).astype(np.float32)
        is_cooled = random.random(each) < _COOLED_SHARE[self.climate, None]
        self.cooler = (is_cooled * random.uniform(2.0, 3.8, each)).astype(np.float32)
        self.set_point_f = random.normal(76.5, 1.8, each).astype(np.float32)
        self.solar = (self.has_solar[:, None] * random.uniform(3, 8, each)).astype(np.float32)
        morning, evening = random.normal(7, 0.9, each), random.normal(19.2, 1.2, each)
        midday = random.uniform(0, 0.5, each)
        weekday = 0.6 * _bump(morning, 0.9) + midday * _bump(13, 2.5) + _bump(evening, 1.6)
        weekend = 0.5 * _bump(morning + 1.5, 1.4) + (midday + 0.2) * _bump(13.5, 3) + _bump(evening, 1.8)
        self.shape = (0.15 + np.concatenate([weekday, weekend], axis=1)).astype(np.float32)

    def net_kw(self, weather: _Weather, calendar: _Calendar, days: slice, random: Random) -> Array:
        """Mean net power by [meter, slot] of a range of days; negative where the home exports."""
        slots = calendar.slots(days)
        day = calendar.day[slots] - days.start
        meter_days = len(self.base), days.stop - days.start
        level = self.activity * random.lognormal(0, 0.22, meter_days).astype(np.float32)
        level[random.random(meter_days) < 0.06] *= 0.1  # away
        shape = self.shape[:, calendar.quarter[slots] + 96 * calendar.is_weekend[days][day]]
        noise = random.standard_normal((len(day), len(self.base)), np.float32)
        noise *= 0.55 * (1 - 0.62**2) ** 0.5
        power: Array = np.exp(np.ascontiguousarray(_recurse(noise, 0.62).T))
        power *= shape * level[:, day]
        power += self.base + self.appliance * (random.random(power.shape, np.float32) < 0.06 * shape)
        comfort_f = self.set_point_f + random.normal(0, 1, meter_days).astype(np.float32)
        duty = (weather.felt_f[self.climate, slots] - comfort_f[:, day]) / 22
        power += self.cooler * np.clip(duty, 0, 1, out=duty)
        np.minimum(power, 24, out=power)  # half of the service, so that no true read is impossible
        solar = np.flatnonzero(self.has_solar)
        cloud = random.beta(12, 2, (len(solar), len(day))).astype(np.float32)
        power[solar] -= 0.85 * self.solar[solar] * cloud * weather.sunshine[self.climate[solar], slots]
        return power

    def meter(self, net_kw: Array, calendar: _Calendar, days: slice) -> tuple[pl.DataFrame, Labels]:
        """Meter the net power of a month and let its faults happen.

        Returns reads sorted by meter and time, true and as first sent (`sent_…`), with the `way` that each
        takes, and the fault labels. Each direction is rounded to whole Wh by the quarter of an hour.
        """
        slots = calendar.slots(days)
        net_wh = np.rint(net_kw * 250).astype(np.int64)
        true = {"delivered": np.maximum(net_wh, 0), "received": np.maximum(-net_wh, 0)}
        hourly = np.flatnonzero(self.slots_per_read == 4)
        for wh in true.values():
            wh[hourly, ::4] = wh.reshape(len(wh), -1, 4)[hourly].sum(axis=2)
        sent = {channel: wh.copy() for channel, wh in true.items()}
        way = np.full(net_wh.shape, _SENT, dtype=np.uint8)
        labels: Labels = []
        for kind, meter, first, end, size in (f for f in self.faults if slots.start <= f[2] < slots.stop):
            step = int(self.slots_per_read[meter])
            first, end = first - slots.start, end - slots.start
            if kind == "negative":
                positive = np.flatnonzero(true["delivered"][meter, first:end:step])
                first += step * int(positive[int(size * len(positive))])
                end = first + step
            cells = meter, slice(first, end, step)
            span = calendar.start_utc[[slots.start + first, slots.start + end]].tolist()
            way[cells] = FAULTS[kind][1]
            only_delivered = kind in ("spike", "negative") or not self.has_solar[meter]
            for channel in ("delivered",) if only_delivered else ("delivered", "received"):
                if kind == "spike":
                    sent[channel][cells] = int(_IMPOSSIBLE_WH * step * (1.05 + 5 * size))
                elif kind == "negative":
                    sent[channel][cells] *= -1
                elif kind == "conflict":
                    sent[channel][cells] += 1 + int(400 * size)
                labels.append((self.meter_ids[meter], channel, *span, kind, int(true[channel][cells].sum())))
        is_read = np.arange(net_wh.shape[1]) % self.slots_per_read[:, None] == 0
        meter_of_read, slot_of_read = np.nonzero(is_read)
        reads = {
            "meter_id": self.meter_ids.gather(meter_of_read),
            "interval_start_utc": calendar.start_utc[slots][slot_of_read],
            "interval_minutes": (15 * self.slots_per_read).astype(np.int16)[meter_of_read],
            "way": way[is_read],
        }
        reads |= {f"{channel}_wh": wh[is_read] for channel, wh in true.items()}
        reads |= {f"sent_{channel}_wh": wh[is_read] for channel, wh in sent.items()}
        has_solar = pl.lit(pl.Series(self.has_solar[meter_of_read]))
        received = pl.when(has_solar).then(pl.col("received_wh", "sent_received_wh"))
        return pl.DataFrame(reads).with_columns(received), labels


def _bump(centre: Array | float, width: float) -> Array:
    """Bell of height 1 around an hour of the day, [1 or meter, 96]."""
    return np.asarray(np.exp(-0.5 * (((np.arange(96) + 0.5) / 4 - centre) / width) ** 2))


def _plan_faults(slots_per_read: Array, calendar: _Calendar, random: Random) -> Iterator[Fault]:
    """Place faults on meter-days of their own.

    Gaps within a day spare its first and last read, and gaps of days keep the next day clean, so that no two
    gaps run into one. A fault ends in the local month in which it begins. Only history is ever sent again.
    """
    meters, days = len(slots_per_read), len(calendar.dates)
    is_free = np.ones((meters, days), dtype=np.bool_)
    for kind, (rate, way) in FAULTS.items():
        wanted = max(2, round(rate * meters * days / (2.5 if kind == "gap_days" else 1)))
        allowed = is_free & ((np.arange(days) < calendar.first_daily) | (way in (_SENT, _LOST)))
        for cell in random.permutation(np.flatnonzero(allowed)).tolist():
            meter, day = divmod(cell, days)
            length = int(random.integers(2, 4)) if kind == "gap_days" else 1
            taken = slice(day, day + length + (kind == "gap_days"))
            if taken.stop > calendar.month_end[day] or not is_free[meter, taken].all():
                continue
            is_free[meter, taken] = False
            first, end = calendar.first_slot[[day, day + length]].tolist()
            if kind in ("gap_long", "gap_short", "conflict", "spike"):
                step = int(slots_per_read[meter])
                reads, two_hours = (end - first) // step, 8 // step
                bounds = {"spike": (1, 1), "gap_long": (two_hours + 1, reads - 2)}.get(kind, (1, two_hours))
                length = int(random.integers(*bounds, endpoint=True))
                first += step * int(random.integers(1, reads - length))
                end = first + step * length
            yield kind, meter, first, end, float(random.random())
            wanted -= 1
            if wanted == 0:
                break
        else:
            raise ValueError(f"the period is too short for the fault {kind}")


def _files(reads: pl.DataFrame, calendar: _Calendar, days: slice) -> Iterator[tuple[str, pl.DataFrame, date]]:
    """Files of a month and chunk: name with {chunk} open, rows, and local date of sending (at 05:00)."""
    history_end = min(days.stop, max(days.start, calendar.first_daily))
    start, way = pl.col("interval_start_utc"), pl.col("way")
    starts = calendar.start_utc[calendar.first_slot].tolist()
    as_sent = reads.filter(way.is_in([_SENT, _TWICE])).drop("way", "delivered_wh", "received_wh")
    as_sent = as_sent.rename(lambda column: column.removeprefix("sent_"))
    history = {
        "reads": as_sent.filter(start < starts[history_end]),
        "resend": reads.filter(way == _TWICE).select(_READ),
        "late": reads.filter(way == _LATE).select(_READ),
    }
    for name, rows in history.items():
        if not rows.is_empty():
            sent_date = calendar.dates[history_end - 1] + timedelta(1 + _DELAY_DAYS[name])
            yield f"{name}_{calendar.dates[days.start]:%Y-%m}_{{chunk}}.parquet", rows, sent_date
    end = (start + pl.duration(minutes="interval_minutes")).dt.replace_time_zone("UTC")
    for day in range(history_end, days.stop):
        rows = as_sent.filter(start >= starts[day], start < starts[day + 1]).select(
            "meter_id",
            end.dt.convert_time_zone(TIME_ZONE).dt.strftime("%Y-%m-%d %H:%M").alias("interval_end_local"),
            "interval_minutes",
            *((pl.col(f"{channel}_wh") / 1000).alias(f"{channel}_kwh") for channel in ("delivered", "received")),
        )
        yield f"reads_{calendar.dates[day]}_{{chunk}}.csv", rows, calendar.dates[day] + timedelta(1)
