"""A few streets by hand: who lived where, which meter served whom, and random reads of eight days.

The clock goes back on 2 November 2025. One place has reads of three other days, in March, when the clock goes forward
on the 9th. What the marts must say is written out here a second time, in other words than
the extracts say it: `SERVED` names first and last days, both included.
"""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.entities.extracts import raw_rows

ZONE = "America/Los_Angeles"
FIRST, LAST = date(2025, 10, 29), date(2025, 11, 5)
EXCHANGE_UTC = datetime.fromisoformat("2025-11-01 19:00")
"""Noon of 1 November."""
GAP_UTC = datetime.fromisoformat("2025-10-29 17:00")
"""On the first day, so that no day before it tells of the meter's use."""
MINUTES = {
    "M1": 15, "M2": 15, "M3": 15, "M4": 15, "M5": 60, "M6": 15,
    "S1": 15, "U1": 15, "X1": 60, "X2": 15, "Q1": 10, "Q2": 15, "K1": 15, "K2": 15, "K3": 60, "T1": 15,
}  # fmt: skip
SPRING = ("K1", "K2", "K3", "T1")
"""Meters with reads of 8 to 10 March alone; all others have reads of `FIRST` to `LAST` alone."""
SUB_METERS = ("S1", "T1")
RECEIVING = ("M4", "M6")
WEATHER_FROM_UTC = ((datetime.fromisoformat("2025-03-08 00:00"), 4), (datetime.fromisoformat("2025-10-29 00:00"), 9))
"""Where the temperatures of the zone begin, and for how many days: 15 °C and a degree more each hour, up to 21."""


def day(text: str) -> date:
    """A date of 2025 from MM-DD."""
    return date.fromisoformat(f"2025-{text}")


def _row(effective: str, **values: Any) -> dict[str, Any]:
    return {"effective_date": day(effective), **values}


def _point(number: int, *stays: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [
        _row(start, service_point_id=f"SP{number}", premise_id=f"P{number}", account_id=account)
        for start, account in stays
    ]


def _meter(meter: str, point: int, installed: str = "01-01", **values: Any) -> dict[str, Any]:
    return _row(
        installed, meter_id=meter, service_point_id=f"SP{point}", installed_date=day(installed),
        interval_minutes=MINUTES.get(meter), has_received_channel=meter in RECEIVING, **values,
    )  # fmt: skip


def _account(account: str, premise: int, start: str = "01-01", **values: Any) -> dict[str, Any]:
    return _row(start, account_id=account, premise_id=f"P{premise}", rate_code="D", **values)


def extracts() -> dict[str, pl.DataFrame]:
    """Raw rows of all extracts."""
    exchange = {"effective_date": day("11-01"), "removed_date": day("11-01")}
    members = [("A1", "R1", "01-01", "10-31"), ("A6", "R1", "11-01", None), ("A6", "R2", "11-01", None),
               ("A6", "R3", "11-01", None), ("A2", "R4", "11-03", None)]  # fmt: skip
    return raw_rows(
        {
            "css_premises": [
                _row("01-01", premise_id=f"P{number}", climate_zone="coast", zip_code="90001")
                for number in range(1, 10)
            ],
            "css_accounts": [
                _account("A1", 1),
                _account("A1", 1, "10-31", account_status="closed"),
                _account("A2", 1, "11-03", customer_type="small_business", business_type="office"),
                _account("A3", 2), _account("A4", 3), _account("A5", 5), _account("A6", 6, "11-01"),
                _account("A6", 6, "11-04", is_care=True), _account("A7", 7), _account("A8", 8), _account("A9", 9),
            ],
            "css_service_points": [
                *_point(1, ("01-01", "A1"), ("10-31", None), ("11-03", "A2")),
                *_point(2, ("01-01", "A3")),
                *_point(3, ("01-01", "A4")),
                *_point(5, ("01-01", "A5")),
                *_point(6, ("01-01", None), ("11-01", "A6")),
                *_point(7, ("01-01", "A7")),
                *_point(8, ("01-01", "A8")),
                *_point(9, ("01-01", "A9")),
            ],
            "css_meters": [
                _meter("M1", 1), _meter("M2", 2), _meter("M2", 2) | exchange, _meter("M3", 2, "11-01"),
                _meter("M4", 3), _meter("M5", 3), _meter("S1", 3, parent_meter_id="M4"), _meter("N1", 5),
                _meter("M6", 6), _meter("X1", 7), _meter("X1", 7) | exchange, _meter("X2", 7, "11-01"),
                _meter("Q1", 8), _meter("Q2", 8), _meter("K1", 9), _meter("K2", 9), _meter("K3", 9),
                _meter("T1", 9, parent_meter_id="K1"),
            ],
            "css_enrollments": [
                _row("01-01", enrollment_id="E1", account_id="A3", program_id="SEP", enrollment_status="active"),
                _row("11-02", enrollment_id="E1", account_id="A3", program_id="SEP", enrollment_status="left",
                     left_date=day("11-02")),
            ],
            "css_devices": [
                _row("01-01", device_id="D1", premise_id="P1", reported_by="CSS", device_type="ihd",
                     can_display_text=True),
            ],
            "dms_devices": [
                _row("01-01", device_id="D1", premise_id="P1", reported_by="DMS", device_type="pct"),
                _row("01-01", device_id="D2", premise_id="P6", reported_by="DMS", device_type="load_control_switch"),
                _row("01-01", device_id="D3", premise_id="P1", reported_by="DMS", device_type="ems",
                     removed_at_utc=datetime.fromisoformat("2025-06-01 00:00")),
            ],
            "crm_persons": [
                _row("01-01", person_id="R1", language_code="es", preferred_channel="sms"),
                _row("01-01", person_id="R2", language_code="en", preferred_channel="email"),
                _row("01-01", person_id="R3", language_code="ko", preferred_channel="mail"),
                _row("01-01", person_id="R4", language_code="vi", preferred_channel="phone"),
            ],
            "crm_account_persons": [
                _row("01-01", account_id=account, person_id=person, role="household_member", start_date=day(start),
                     end_date=day(end) if end else None)
                for account, person, start, end in members
            ],
            "crm_interactions": [{"interaction_id": "I1", "account_id": "A1", "person_id": "R1", "recorded_by": "WEB"}],
            "weather_observations": [
                {"station_id": "W1", "climate_zone": "coast", "temperature_degc": 15 + hour % 7,
                 "observed_hour_start_utc": first + timedelta(hours=hour)}
                for first, days in WEATHER_FROM_UTC
                for hour in range(24 * days)
            ],
        }
    )  # fmt: skip


SERVED: dict[str, list[tuple[str | None, str, str]]] = {
    "M1": [("A1", "10-29", "10-30"), (None, "10-31", "11-02"), ("A2", "11-03", "11-05")],
    "M2": [("A3", "10-29", "11-01")],
    "M3": [("A3", "11-01", "11-05")],
    "M4": [("A4", "10-29", "11-05")],
    "M5": [("A4", "10-29", "11-05")],
    "S1": [("A4", "10-29", "11-05")],
    "M6": [(None, "10-29", "10-31"), ("A6", "11-01", "11-05")],
    "X1": [("A7", "10-29", "11-01")],
    "X2": [("A7", "11-01", "11-05")],
    "Q1": [("A8", "10-29", "11-05")],
    "Q2": [("A8", "10-29", "11-05")],
    "K1": [("A9", "03-08", "03-10")],
    "K2": [("A9", "03-08", "03-10")],
    "K3": [("A9", "03-08", "03-10")],
    "T1": [("A9", "03-08", "03-10")],
    "U1": [],
}
PREMISES = {"M1": "P1", "M2": "P2", "M3": "P2", "M4": "P3", "M5": "P3", "S1": "P3", "M6": "P6", "X1": "P7", "X2": "P7",
            "Q1": "P8", "Q2": "P8", "K1": "P9", "K2": "P9", "K3": "P9", "T1": "P9", "U1": None}  # fmt: skip


def served(meter: str, on: date) -> str | None:
    """The account that a meter served on a date."""
    return next((account for account, first, last in SERVED[meter] if day(first) <= on <= day(last)), None)


def common_minutes(account: str, on: date) -> int:
    """Interval length in which an account is told on a date."""
    lengths = {"A4": 60, "A8": 30, "A9": 60, "A7": 60 if on <= day("11-01") else 15}
    return lengths.get(account, 15)


def reads(seed: int = 5) -> pl.DataFrame:
    """Random reads: meter_id, channel_code, interval_start_utc, interval_minutes, wh."""
    rng = np.random.default_rng(seed)
    parts = [
        _channel(meter, minutes, channel, rng)
        for meter, minutes in MINUTES.items()
        for channel in (("delivered", "received") if meter in RECEIVING else ("delivered",))
    ]
    return pl.concat(parts)


def _channel(meter: str, minutes: int, channel: str, rng: np.random.Generator) -> pl.DataFrame:
    begin, end = datetime.fromisoformat("2025-10-29 07:00"), datetime.fromisoformat("2025-11-06 08:00")
    if meter in ("M2", "X1"):
        end = EXCHANGE_UTC
    if meter in ("M3", "X2"):
        begin = EXCHANGE_UTC
    if meter in SPRING:
        begin, end = datetime.fromisoformat("2025-03-08 08:00"), datetime.fromisoformat("2025-03-11 07:00")
    starts = pl.datetime_range(begin, end, f"{minutes}m", closed="left", eager=True, time_unit="us")
    wh = pl.Series(rng.integers(0, 900, len(starts)), dtype=pl.Int64)
    frame = pl.DataFrame({"interval_start_utc": starts, "wh": wh}).select(
        pl.lit(meter).alias("meter_id"), pl.lit(channel).alias("channel_code"), "interval_start_utc",
        pl.lit(minutes, dtype=pl.Int16).alias("interval_minutes"), "wh",
    )  # fmt: skip
    if meter != "M4":
        return frame
    gap = pl.col("interval_start_utc").is_between(GAP_UTC, GAP_UTC + timedelta(hours=3), closed="left")
    return frame.filter(~gap)
