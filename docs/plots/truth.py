"""The answer key of a simulated utility, aggregated to what pictures show.

Hours and days are local; energy is in kWh. The year is the last 365 local days of the world.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from sims.loads.loads import COMPONENTS
from sims.meters.kinds import LASTING, LASTING_WAIT_DAYS
from sims.world.calendar import Calendar
from sims.world.frames import TIME_ZONE, ZONES
from sims.world.weather import play_weather

DAYS = 365
HOME, SOLAR_HOME, NEW_SOLAR_HOME = "home", "home with solar panels", "home that got solar panels within the year"
HOUR_KEYS = ("hour_start_utc", "hour_local")
PREMISE_KEYS = ("climate_zone", "customer_type")
DEFECT_KEYS = ("defect_type", "meter_id", "usage_date")


@dataclass(frozen=True)
class Truth:
    """The answer key of a home.

    Attributes:
        folder: `truth/` of the home.
        scale: Name of the scale.
        seed: Seed of the world.
        last: Last local date.
    """

    folder: Path
    scale: str
    seed: int
    last: date

    @property
    def first(self) -> date:
        """First local date of the year."""
        return self.last - timedelta(days=DAYS - 1)

    @cached_property
    def premises(self) -> pl.DataFrame:
        """Premises with `climate_zone` and `customer_type`: a line of business, or a home with or without panels."""
        types = self.people("accounts").group_by("premise_number").agg(pl.col("business_type").drop_nulls().first())
        since = pl.col("pv_since_date")
        with_panels = pl.when(since <= self.first).then(pl.lit(SOLAR_HOME)).otherwise(pl.lit(NEW_SOLAR_HOME))
        home = pl.when(since.is_null()).then(pl.lit(HOME)).otherwise(with_panels)
        return (
            self.people("premises")
            .join(types, on="premise_number", how="left")
            .with_columns(
                climate_zone=pl.col("zone_number").replace_strict(dict(enumerate(ZONES)), return_dtype=pl.String),
                customer_type=pl.when("is_business").then("business_type").otherwise(home),
            )
        )

    @cached_property
    def hours(self) -> pl.DataFrame:
        """Hours of the year by `climate_zone`, `customer_type`.

        Returns:
            `hour_start_utc`, `hour_local` (wall clock; one comes twice in autumn), `premise_count`, and kWh of all
            premises together for each component and `net`.
        """
        keys = self.premises.lazy().select("premise_number", *PREMISE_KEYS)
        sums = [(pl.col(f"{name}_wh").sum() / 1_000).alias(name) for name in COMPONENTS]
        frame = self._components().join(keys, on="premise_number").group_by(*HOUR_KEYS, *PREMISE_KEYS)
        return (
            frame.agg(pl.len().alias("premise_count"), *sums)
            .with_columns(net=pl.sum_horizontal(COMPONENTS))
            .sort("hour_start_utc", *PREMISE_KEYS)
            .collect()
        )

    @cached_property
    def annual(self) -> pl.DataFrame:
        """Premises with `use_kwh` (generation not taken off) and `net_kwh` of the year."""
        used = [f"{name}_wh" for name in COMPONENTS if name != "solar"]
        year = self._components().group_by("premise_number").agg(pl.sum(*used, "solar_wh"))
        use = year.with_columns(use_kwh=pl.sum_horizontal(used) / 1_000)
        net = use.with_columns(net_kwh=pl.col("use_kwh") + pl.col("solar_wh") / 1_000)
        energy = net.select("premise_number", "use_kwh", "net_kwh").collect()
        return self.premises.join(energy, on="premise_number").sort("premise_number")

    @cached_property
    def temperatures(self) -> pl.DataFrame:
        """Least, mean and greatest temperature in °C by `climate_zone` and `usage_date` of the year."""
        calendar = Calendar(self.first, self.last)
        weather = play_weather(self.seed, calendar)
        days = pl.Series("usage_date", calendar.dates).gather(calendar.day)
        frames = [
            pl.DataFrame({"usage_date": days, "degc": (weather.temperature_degf[row].astype("f8") - 32) / 1.8})
            .group_by("usage_date", maintain_order=True)
            .agg(low=pl.col("degc").min(), mean=pl.col("degc").mean(), high=pl.col("degc").max())
            .with_columns(climate_zone=pl.lit(zone))
            for row, zone in enumerate(ZONES)
        ]
        return pl.concat(frames)

    @cached_property
    def meter_days(self) -> int:
        """Local days on which meters with interval data were installed, over the whole history."""
        first, after = self._history()
        start = pl.max_horizontal("installed_date", pl.lit(first))
        end = pl.min_horizontal(pl.col("removed_date").fill_null(after), pl.lit(after))
        meters = self.people("meters").filter(pl.col("sender") != "none")
        return int(meters.select((end - start).dt.total_days().clip(0).sum()).item())

    @cached_property
    def lasting_shares(self) -> dict[str, float]:
        """Share of meter-days that each kind of lasting defect is meant to touch over the whole history."""
        first, after = self._history()
        start = pl.max_horizontal("installed_date", pl.lit(first))
        end = pl.min_horizontal(pl.col("removed_date").fill_null(after), pl.lit(after))
        waits = [pl.lit(wait) for wait in range(*LASTING_WAIT_DAYS)]
        days = (end - start).dt.total_days()
        spoilt = pl.mean_horizontal([(days - wait).clip(0) for wait in waits])
        meters = self.people("meters").filter(sender="mdms").with_columns(spoilt=spoilt)
        reversible = meters.filter("has_received_channel")
        return {
            kind: share * (reversible if kind == "reversed_channels" else meters)["spoilt"].sum() / self.meter_days
            for kind, share in LASTING.items()
        }

    @cached_property
    def defects(self) -> pl.DataFrame:
        """Defects of reads over the whole history.

        Returns:
            `defect_type`, `meter_count`, `meter_days` (days of meters that they touch), `share` (of all meter-days).
        """
        last_instant = pl.col("interval_end_utc") - pl.duration(microseconds=1)
        first_day, last_day = _local(pl.col("interval_start_utc")).dt.date(), _local(last_instant).dt.date()
        days = pl.scan_parquet(self.folder / "defects" / "*.parquet").with_columns(
            usage_date=pl.date_ranges(first_day, last_day)
        )
        touched = days.explode("usage_date").select(*DEFECT_KEYS).unique().group_by("defect_type")
        counts = touched.agg(meter_count=pl.col("meter_id").n_unique(), meter_days=pl.len())
        return counts.with_columns(share=pl.col("meter_days") / self.meter_days).sort("defect_type").collect()

    @cached_property
    def mishaps(self) -> pl.DataFrame:
        """Mishaps of extracts over the whole history: `system_code`, `mishap_kind`, `count`."""
        labels = pl.scan_parquet(self.folder / "mishaps" / "*.parquet")
        counted = labels.group_by("system_code", "mishap_kind").agg(count=pl.len())
        return counted.sort("mishap_kind", "system_code").collect()

    @cached_property
    def moves(self) -> pl.DataFrame:
        """Moves over the whole history by month: `usage_month`, `kind` (out, in), `count`."""
        moves = self.people("moves")
        frames = [
            moves.select(usage_month=pl.col(column).dt.strftime("%Y-%m"), kind=pl.lit(kind)).drop_nulls()
            for kind, column in (("moved out", "moved_out_date"), ("moved in", "moved_in_date"))
        ]
        return pl.concat(frames).group_by("usage_month", "kind").agg(count=pl.len()).sort("usage_month", "kind")

    def people(self, name: str) -> pl.DataFrame:
        """A table of the folder `people`."""
        return pl.read_parquet(self.folder / "people" / f"{name}.parquet")

    def _components(self) -> pl.LazyFrame:
        """Component loads of the year, with `hour_local`."""
        frame = pl.scan_parquet(self.folder / "components" / "*.parquet")
        hour = _local(pl.col("hour_start_utc")).dt.replace_time_zone(None)
        inside = pl.col("hour_local").dt.date().is_between(self.first, self.last)
        return frame.with_columns(hour_local=hour).filter(inside)

    def _history(self) -> tuple[date, date]:
        """First local date of the whole history, and the day after its last."""
        starts = pl.scan_parquet(self.folder / "components" / "*.parquet").select(pl.col("hour_start_utc").min())
        first = starts.select(_local(pl.col("hour_start_utc")).dt.date()).collect().item()
        return first, self.last + timedelta(days=1)


def read_truth(home: Path) -> Truth:
    """The answer key of a home.

    Raises:
        SystemExit: The home holds no simulated utility, or less than a year of one.
    """
    path = home / "truth" / "world.json"
    if not path.exists():
        raise SystemExit(f"{path} does not exist: make a simulated utility first, with `meterhouse simulate`")
    world = json.loads(path.read_text(encoding="utf-8"))
    if world["months"] <= DAYS // 30:
        raise SystemExit(f"{path}: {world['months']} months of history; the pictures show a year and need 13")
    return Truth(home / "truth", world["scale"], world["seed"], date.fromisoformat(world["last_date"]))


def _local(instant: pl.Expr) -> pl.Expr:
    return instant.dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE)
