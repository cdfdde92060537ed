"""Sound files of every format, small, from which hostile ones are made."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

DAY = datetime.fromisoformat("2025-11-02")
"""A date on which the clock of California changes, so that the order of values matters."""
STAMPS = [DAY + k * timedelta(hours=1) for k in range(8)]
_FEED = '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
_ESPI = 'xmlns="http://naesb.org/espi"'
_EPOCH = datetime.fromisoformat("1970-01-01")
READING_TYPE = "<flowDirection>1</flowDirection><intervalLength>3600</intervalLength><uom>72</uom>"


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def long_csv() -> str:
    return lines(
        "meter_id,interval_start_local,interval_minutes,delivered_kwh,quality_code",
        *(f"M{k % 2},{stamp:%Y-%m-%d %H:%M},60,0.{k:03d},A" for k, stamp in enumerate(STAMPS)),
    )


def quoted_csv() -> str:
    return lines(
        '"meter","start time","end time","import kwh","export kwh","dst"',
        *(f'"M, {k}","{s:%m/%d/%Y %H:%M}","{s + timedelta(hours=1):%m/%d/%Y %H:%M}","{k}.5","",""'
          for k, s in enumerate(STAMPS)),
    )  # fmt: skip


def wide_csv() -> str:
    slots = [f"{hour:02d}:00" for hour in range(24)]
    days = [f"{DAY + k * timedelta(days=1):%Y-%m-%d}" for k in range(3)]
    return lines(
        ",".join(["meter_id", "date", "unit", *slots]),
        *(f"M1,{day},kWh," + ",".join(f"0.{k}{hour:02d}" for hour in range(24)) for k, day in enumerate(days)),
    )


def register_csv() -> str:
    return lines(
        "meter_id,read_at_local,register_kwh,channel_code,multiplier,consumption",
        *(f"M1,{stamp:%Y-%m-%d %H:%M},{100 + k},delivered,40,{k}" for k, stamp in enumerate(STAMPS)),
    )


def event_csv() -> str:
    return lines(
        "meter_id,event_time,event_end,event_code,description",
        *(f"M1,{stamp:%Y-%m-%d %H:%M},,E{k},power down" for k, stamp in enumerate(STAMPS)),
    )


def portal_csv() -> str:
    return lines(
        "Energy Usage Information", '"For location: 742 Evergreen Terrace"', "Meter Number,05551234", "",
        "Name,JOSEPHINE Q. DOE", "Service,Service 1", "",
        "TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),NOTES",
        *(f"Electric usage,{s:%Y-%m-%d},{s:%H:%M},{s + timedelta(minutes=59):%H:%M},0.{k},0.00,"
          for k, s in enumerate(STAMPS)),
    )  # fmt: skip


def cmep() -> str:
    head = "MEPMD01,19970819,UTIL,,MDM,A1,202601020830,M{},OK,E,{},1,{},{}"
    stamps = [f"{stamp:%Y%m%d%H%M},R0,0.{k}" for k, stamp in enumerate(STAMPS)]
    return lines(
        ",".join([head.format(1, "KWH", "00000100", 8), *stamps]),
        ",".join([head.format(2, "GKWH", "00000015", 4), "202511020015,R,1", ",E,2", ",R,3", ",N,"]),
        ",".join([head.format(3, "KVARH", "00000030", 2), "202511020030,R,1", ",R,2"]),
        ",".join([head.format(4, "KWHREG", "", 1), "202511020000,R,12345.6"]),
    )


def nem12() -> str:
    values = ",".join(f"0.{k:02d}" for k in range(48))
    return lines(
        "100,NEM12,202511030000,MDP1,RET1",
        "200,NMI1234567,E1B1,1,E1,N1,S1,kWh,30,",
        f"300,20251102,{values},A,,,20251103000000,",
        f"300,20251103,{values},V,,,20251104000000,",
        "400,1,20,A,,", "400,21,48,E52,79,Power failure",
        "500,O,S1,20251102103000,1234.5",
        "200,NMI1234567,E1B1,1,B1,N1,S1,kWh,30,",
        f"300,20251102,{values},S14,,,20251103000000,",
        "900",
    )  # fmt: skip


def nem13() -> str:
    row = "250,6001234567,1141,01,{},11,S66,E,21.2,20251001103230,A,,,534.5,20260201100030,E64,77,,343.5,kWh,,,"
    return lines(
        "100,NEM13,202601010000,MDP1,RET1", row.format("11"), "550,N,,A,", row.format("12"), "550,A,S1,N,S2", "900"
    )


def reading(start: object, value: object, duration: object = 3600, inner: str = "") -> str:
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading>{inner}{period}<value>{value}</value></IntervalReading>\n"


def entry(content: str, self_href: str = "") -> str:
    link = f'<link rel="self" href="{self_href}"/>' if self_href else ""
    return f"<entry>{link}<content>\n{content}</content></entry>\n"


def resource(kind: str, content: str = "") -> str:
    return f"<{kind} {_ESPI}>{content}</{kind}>"


def feed(readings: str, *, reading_type: str = READING_TYPE, before: str = "", extra: str = "") -> str:
    """A Green Button feed of one usage point.

    Args:
        readings: Content of its interval block.
        reading_type: Content of its reading type.
        before: What stands before the first entry.
        extra: What stands after the last one.
    """
    point = resource("UsagePoint", "<ServiceCategory><kind>0</kind></ServiceCategory>")
    return "".join(
        [
            _FEED,
            before,
            entry(point, "https://example.org/resource/RetailCustomer/1/UsagePoint/1"),
            entry(resource("MeterReading")),
            entry(resource("ReadingType", reading_type)),
            entry(resource("IntervalBlock", readings)),
            f"{extra}</feed>\n",
        ]
    )


def epoch(moment: datetime) -> int:
    return round((moment - _EPOCH).total_seconds())


def espi() -> str:
    readings = [reading(epoch(stamp), k) for k, stamp in enumerate(STAMPS)]
    zone = "<dstOffset>0</dstOffset><tzOffset>-28800</tzOffset>"
    return feed("".join(readings), extra=entry(resource("LocalTimeParameters", zone)))


def parquet_columns() -> dict[str, pa.Array]:
    count = len(STAMPS)
    return {
        "meter_id": pa.array(["M1"] * count),
        "interval_start_utc": pa.array(STAMPS, pa.timestamp("us")),
        "delivered_kwh": pa.array([k / 10 for k in range(count)]),
        "interval_minutes": pa.array([60] * count, pa.int32()),
    }


def parquet_bytes(columns: Mapping[str, pa.Array] | pa.Table, **options: object) -> bytes:
    data = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(dict(columns)), data, **options)
    return data.getvalue()


TEXTS = {
    "long csv": long_csv, "quoted csv": quoted_csv, "wide csv": wide_csv, "register csv": register_csv,
    "event csv": event_csv, "portal": portal_csv, "cmep": cmep, "nem12": nem12, "nem13": nem13, "espi": espi,
}  # fmt: skip
"""Builders of a text file by format."""
