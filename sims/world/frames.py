"""The invented world as frames of numbers: what load, meters and customer systems are made from.

Everything that shapes electricity use stands here once, drawn by `sims.world` modules and read by all others. Local
dates are of the territory's zone; a period runs from its start date to the day before its end date, null while it
lasts.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

TIME_ZONE = "America/Los_Angeles"
ZONES = ("coast", "inland", "valley", "desert")
"""Climate zones, in the order of every array by zone."""


@dataclass(frozen=True)
class Scale:
    """Size of a simulated utility.

    Attributes:
        name: Name on the command line.
        account_count: Premises with an account at the beginning, about.
        last_date: Last local date of the opening history.
    """

    name: str
    account_count: int
    last_date: date


SCALES: dict[str, Scale] = {
    "tiny": Scale("tiny", 40, date(2026, 3, 31)),
    "demo": Scale("demo", 1_000, date(2026, 8, 31)),
    "full": Scale("full", 10_000, date(2026, 8, 31)),
}

PREMISES = pl.Schema(
    {
        "premise_number": pl.Int32,  # 0, 1, ... = row of every array by premise
        "premise_id": pl.String,
        "zone_number": pl.Int8,  # place in ZONES
        "zip_code": pl.String,
        "baseline_region": pl.String,
        "premise_type": pl.String,
        "floor_area_sqft": pl.Int32,
        "built_year": pl.Int16,
        "feeder_id": pl.String,
        "is_business": pl.Boolean,
        "cooling_kind": pl.String,  # none, central_ac, room_ac, heat_pump
        "cooling_kw": pl.Float32,  # electric power at full duty, 0 for none
        "heating_kind": pl.String,  # gas, heat_pump, electric
        "heating_kw": pl.Float32,  # electric power at full duty, 0 for gas
        "time_constant_hours": pl.Float32,  # of the building's temperature, 8 to 20
        "pool_kw": pl.Float32,  # 0 without a pool
        "pool_first_quarter": pl.Int16,  # quarter of an hour of the local day at which the pump starts
        "pool_quarters": pl.Int16,
        "water_heater_kw": pl.Float32,  # 0 unless electric
        "pv_kw": pl.Float32,  # rated direct-current power, 0 without
        "pv_since_date": pl.Date,  # null without
        "has_thermostat": pl.Boolean,  # a programmable communicating thermostat that the utility can reach
    }
)
"""One row per premise."""

BEHAVIOURS = pl.Schema(
    {
        "premise_number": pl.Int32,
        "start_date": pl.Date,  # holds until the premise's next row
        "account_id": pl.String,  # null while vacant
        "base_kw": pl.Float32,
        "activity_kw": pl.Float32,  # mean level of the activity that follows people's day; 0 while vacant
        "morning_hour": pl.Float32,
        "evening_hour": pl.Float32,
        "midday_level": pl.Float32,  # 0 to 1, how much people are there at noon on weekdays
        "opening_hour": pl.Float32,  # of a business; null for homes
        "closing_hour": pl.Float32,
        "is_closed_on_weekends": pl.Boolean,
        "cooling_set_point_degf": pl.Float32,
        "heating_set_point_degf": pl.Float32,
        "away_setback_degf": pl.Float32,  # 0, 4 or 8
        "night_setback_degf": pl.Float32,  # 0 or 2
        "away_share": pl.Float32,  # share of single days away
        "lighting_kw": pl.Float32,  # follows darkness
        "school_break_ratio": pl.Float32,  # activity by day in school breaks, 1.45 with children, else 1
        "ev_kw": pl.Float32,  # 0 without an electric vehicle; 1.4, 3.6 or 7.2
        "ev_share": pl.Float32,  # share of days on which it charges
        "ev_mean_kwh": pl.Float32,
        "ev_arrival_hour": pl.Float32,
        "ev_timer_hour": pl.Float32,  # before which nothing is charged, from midnight before arrival on; 0 without
    }
)
"""One row per premise and start of a way of living: who lives there and how. Sorted by premise and date."""

ACCOUNTS = pl.Schema(
    {
        "account_id": pl.String,
        "effective_date": pl.Date,  # holds until the account's next row
        "premise_number": pl.Int32,
        "is_active": pl.Boolean,  # false from the day on which service ends
        "customer_type": pl.String,
        "business_type": pl.String,
        "tenure_type": pl.String,
        "rate_code": pl.String,
        "billing_option": pl.String,
        "payment_option": pl.String,
        "billing_cycle": pl.Int16,  # day of the month on which a bill period begins, 1 to 28
        "is_all_electric": pl.Boolean,
        "is_care": pl.Boolean,
        "is_fera": pl.Boolean,
        "is_medical_baseline": pl.Boolean,
        "has_net_metering": pl.Boolean,
    }
)
"""One row per account and date of change. Sorted by account and date; the first row is the start of service."""

VACATIONS = pl.Schema({"premise_number": pl.Int32, "start_date": pl.Date, "end_date": pl.Date})
"""One row per absence of several days."""

METERS = pl.Schema(
    {
        "meter_number": pl.Int32,  # 0, 1, ... in the order of sending
        "meter_id": pl.String,
        "premise_number": pl.Int32,
        "service_point_id": pl.String,
        "parent_meter_id": pl.String,  # null for main meters
        "load_share": pl.String,  # all, main (all but what `pool_ev` takes), pool_ev, solar (a sub-meter of generation)
        "interval_minutes": pl.Int16,  # 15, 60; null for a meter without interval data
        "has_received_channel": pl.Boolean,
        "installed_date": pl.Date,
        "installed_quarter": pl.Int16,  # quarter of the local day at which it begins; 0 for midnight
        "removed_date": pl.Date,  # null while installed; on that day it measures until `removed_quarter`
        "removed_quarter": pl.Int16,
        "register_start_wh": pl.Int64,
        "received_start_wh": pl.Int64,
        "register_digits": pl.Int16,
        "feeder_id": pl.String,
        "sender": pl.String,  # mdms (CMEP), submeters (local CSV of a sub-metering service), none
    }
)
"""One row per meter installation."""


@dataclass(frozen=True)
class World:
    """A world up to a date.

    Attributes:
        seed: Seed of every random stream.
        scale: Size.
        first_date: First local date of the history.
        last_date: Last local date that has happened.
        premises: As `PREMISES`.
        behaviours: As `BEHAVIOURS`.
        accounts: As `ACCOUNTS`.
        vacations: As `VACATIONS`.
        meters: As `METERS`.
    """

    seed: int
    scale: Scale
    first_date: date
    last_date: date
    premises: pl.DataFrame
    behaviours: pl.DataFrame
    accounts: pl.DataFrame
    vacations: pl.DataFrame
    meters: pl.DataFrame
