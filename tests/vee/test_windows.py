"""Windows: only the meters and dates that are asked for are judged, and each as if nothing else had been asked."""

from datetime import date

from models.tables import Table
from models.tables.entities import DAILY_WEATHER, DATES, INTERVALS, METER_CHANNELS, METERS, READ_EDITS
from models.tables.raw import FILES, INTERVAL_READS, METER_EVENTS, REGISTER_READS
from models.tables.vee import EDITED_INTERVAL_READS, METER_DAY_PROFILES
from models.vee.results import validate_windows
from pipelines import lake
from pipelines.reference import vee_settings
from tests.vee.conftest import Warehouse
from tests.vee.oracle import Row
from tests.vee.worlds import file, reads, utc, without

RELATIONS: dict[str, Table] = {
    "reads": INTERVAL_READS,
    "registers": REGISTER_READS,
    "events": METER_EVENTS,
    "files": FILES,
    "meters": METERS,
    "meter_channels": METER_CHANNELS,
    "intervals": INTERVALS,
    "dates": DATES,
    "daily_weather": DAILY_WEATHER,
    "earlier_profiles": METER_DAY_PROFILES,
}


def judged(warehouse: Warehouse, windows: dict[str, tuple[date, date]]) -> set[Row]:
    """Rows of the interval reads of the windows."""
    with lake.connect(warehouse.home) as con:
        for name, table in RELATIONS.items():
            lake.create_view(con, warehouse.home, table, name)
        lake.create_view(con, warehouse.home, EDITED_INTERVAL_READS, "edited")
        con.execute(
            "create view earlier_reads as select meter_id, 'delivered' as channel_code, usage_date, "
            "interval_start_utc, delivered_wh as final_wh from edited"
        )
        con.execute("create table mdms_feeds (feed varchar)")
        lake.create_view(con, warehouse.home, READ_EDITS, "edits")
        con.execute("create table windows (meter_id varchar, first_date date, last_date date)")
        con.executemany("insert into windows values (?, ?, ?)", [(name, *days) for name, days in windows.items()])
        return set(con.execute(validate_windows(con, vee_settings())["interval_reads"]).fetchall())


def test_each_meter_is_judged_in_its_own_window(warehouse: Warehouse) -> None:
    days = date(2026, 1, 5), date(2026, 1, 25)
    rows = [row for n in range(3) for row in reads(f"M{n}", *days, 60, wh=lambda s: 100 + s.hour + s.day)]
    lost = without(without(rows, utc(2026, 1, 14, 6), utc(2026, 1, 14, 12)), utc(2026, 1, 20, 20), utc(2026, 1, 20, 21))
    warehouse.deliver([file("all", lost)])
    warehouse.run()
    whole = set(warehouse.table(EDITED_INTERVAL_READS).rows())
    windows = {"M0": (date(2026, 1, 13), date(2026, 1, 13)), "M2": (date(2026, 1, 14), date(2026, 1, 22))}
    place = EDITED_INTERVAL_READS.columns
    columns = list(place).index("meter_id"), list(place).index("usage_date")
    within = {
        row for row in whole if row[columns[0]] in windows and _is_within(row[columns[1]], windows[row[columns[0]]])
    }
    assert judged(warehouse, windows) == within
    assert len(within) == 10 * 24


def _is_within(day: date, window: tuple[date, date]) -> bool:
    return window[0] <= day <= window[1]
