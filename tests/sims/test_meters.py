"""Meters measure the loads and nothing else; registers count what the intervals say."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.loads.chunk import Chunk, chunk_of
from sims.loads.loads import Loads, LoadState, play_loads
from sims.meters.metering import CHANNELS, Grid, measure
from sims.meters.registers import Registers, read_registers
from sims.world.calendar import Calendar
from sims.world.weather import play_weather
from tests.sims.worlds import FIRST, make_world

WORLD = make_world(24)
AUTUMN = Calendar(FIRST, date(2025, 11, 30))
EXCHANGE = FIRST + timedelta(days=23)


@lru_cache(maxsize=1)
def played() -> tuple[Chunk, Loads, dict[int, Grid]]:
    chunk = chunk_of(WORLD, 0)
    loads = play_loads(chunk, AUTUMN, play_weather(WORLD.seed, AUTUMN), LoadState.first(24))
    return chunk, loads, {grid.minutes: grid for grid in measure(chunk, AUTUMN, loads)}


def row_of(grid: Grid, meter_id: str) -> int:
    return grid.meters["meter_id"].to_list().index(meter_id)


def net(grid: Grid, meter_id: str) -> np.ndarray:
    row = row_of(grid, meter_id)
    return grid.wh["delivered"][row].astype(np.int64) - grid.wh["received"][row]


def test_a_main_meter_measures_the_sum_of_the_components() -> None:
    _, loads, grids = played()
    for meter_id, number in (("SM00000", 0), ("SM00002", 2), ("SM00003", 3), ("SM00015", 15)):
        assert np.array_equal(net(grids[15], meter_id), loads.net_wh[number])
    row = row_of(grids[15], "SM00003")
    assert not (grids[15].wh["delivered"][row] * grids[15].wh["received"][row]).any()
    assert grids[15].wh["received"][row].any()


def test_an_hourly_meter_measures_four_quarters() -> None:
    _, loads, grids = played()
    hourly = grids[60].meters["meter_id"].to_list()
    assert hourly == ["SM00009", "SM00014", "SM00019"]
    quarters = loads.net_wh[9]
    delivered = np.maximum(quarters, 0).reshape(-1, 4).sum(axis=1)
    received = np.maximum(-quarters, 0).reshape(-1, 4).sum(axis=1)
    row = row_of(grids[60], "SM00009")
    assert np.array_equal(grids[60].wh["delivered"][row], delivered)
    assert np.array_equal(grids[60].wh["received"][row], received)


def test_two_meters_of_a_premise_share_its_load_and_sub_meters_lie_inside() -> None:
    _, loads, grids = played()
    assert np.array_equal(net(grids[15], "SM00001") + net(grids[15], "SX00001"), loads.net_wh[1])
    assert np.array_equal(net(grids[15], "SX00001"), loads.wh["pool"][1] + loads.wh["electric_vehicle"][1])
    assert np.array_equal(net(grids[15], "SUB00003"), -loads.wh["solar"][3])
    assert np.array_equal(net(grids[15], "SM00002"), loads.net_wh[2])


def test_an_exchanged_meter_stops_where_the_new_one_begins() -> None:
    _, loads, grids = played()
    slot = int(AUTUMN.first_slot[23]) + 41
    old, new = net(grids[15], "OLD00004"), net(grids[15], "NEW00004")
    assert not old[slot:].any()
    assert not new[:slot].any()
    assert np.array_equal(old + new, loads.net_wh[4])
    installed = grids[15].is_installed[[row_of(grids[15], "OLD00004"), row_of(grids[15], "NEW00004")]]
    assert (installed.sum(axis=0) == 1).all()


@pytest.mark.req("BR-02", part="simulated utility")
def test_a_meter_without_interval_data_is_in_no_grid() -> None:
    chunk, _, grids = played()
    assert all(5 not in grid.meters["premise_number"] for grid in grids.values())
    assert 5 not in chunk.meters["premise_number"]


def counted(grid: Grid, value: int = 0) -> dict[str, np.ndarray]:
    return {channel: np.full(grid.meters.height, value, np.int64) for channel in CHANNELS}


def read(grid: Grid, resets: list[tuple[int, int]]) -> Registers:
    return read_registers(grid, counted(grid), counted(grid), resets, is_first=True)


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.req("SYS-METER", part="simulated utility")
def test_registers_count_what_the_intervals_say(minutes: int) -> None:
    grid = played()[2][minutes]
    found = read(grid, []).readings
    assert found.select("row", "channel_code", "read_at_utc").is_duplicated().sum() == 0
    for (row, channel), readings in found.group_by("row", "channel_code"):
        meter = grid.meters.row(int(str(row)), named=True)
        faces, at = readings["wh"].to_list(), readings["read_at_utc"].to_numpy()
        assert faces[0] == meter["register_start_wh" if channel == "delivered" else "received_start_wh"]
        places = np.searchsorted(grid.bounds_utc, at)
        for first, end, before, after in zip(places, places[1:], faces, faces[1:], strict=False):
            energy = int(grid.wh[str(channel)][int(str(row)), first:end].sum())
            assert (after - before) % 100_000_000 == energy


def test_registers_are_read_at_midnight_and_at_the_exchange() -> None:
    grid = played()[2][15]
    readings = read(grid, []).readings.filter(channel_code="delivered")
    midnights = AUTUMN.midnights_utc.tolist()
    exchange = AUTUMN.start_utc[int(AUTUMN.first_slot[23]) + 41].item()
    expected = {
        "SM00000": midnights,
        "OLD00004": [*midnights[:24], exchange],
        "NEW00004": [exchange, *midnights[24:]],
    }
    for meter_id, moments in expected.items():
        assert readings.filter(row=row_of(grid, meter_id))["read_at_utc"].to_list() == moments
    assert "received" not in read(grid, []).readings.filter(row=row_of(grid, "SM00000"))["channel_code"]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 59), st.integers(0, 60), st.sampled_from(["SM00000", "SM00003", "SM00008"]))
def test_registers_go_on_from_span_to_span(cut: int, reset_day: int, meter_id: str) -> None:
    chunk, loads, grids = played()
    whole = grids[15]
    reset = (row_of(whole, meter_id), reset_day)
    at_once = read(whole, [reset])
    totals, lost, frames = counted(whole), counted(whole), []
    for first, last, offset in ((0, cut - 1, 0), (cut, 60, cut)):
        days = Calendar(AUTUMN.dates[first], AUTUMN.dates[last])
        slots = slice(int(AUTUMN.first_slot[first]), int(AUTUMN.first_slot[last + 1]))
        part = Loads({name: wh[:, slots] for name, wh in loads.wh.items()}, loads.state)
        grid = next(grid for grid in measure(chunk, days, part) if grid.minutes == 15)
        rows = [whole.meters["meter_id"].to_list().index(name) for name in grid.meters["meter_id"]]
        resets = [(rows.index(reset[0]), reset_day - offset)] if first <= reset_day <= last else []
        before = {channel: totals[channel][rows] for channel in CHANNELS}
        gone = {channel: lost[channel][rows] for channel in CHANNELS}
        found = read_registers(grid, before, gone, resets, is_first=first == 0)
        for channel in CHANNELS:
            totals[channel][rows], lost[channel][rows] = found.counted[channel], found.lost[channel]
        frames.append(found.readings.with_columns(row=pl.Series(rows).gather(found.readings["row"])))
    joined = pl.concat(frames).sort("row", "channel_code", "read_at_utc")
    assert joined.equals(at_once.readings.with_columns(pl.col("row").cast(joined.schema["row"])))


def test_a_reset_and_a_rollover_are_drops_and_labelled_as_such() -> None:
    grid = played()[2][15]
    row, rolling = row_of(grid, "SM00000"), row_of(grid, "SM00008")
    found = read(grid, [(row, 10)])
    drops = {(r["row"], r["defect_type"]): r for r in found.drops.iter_rows(named=True)}
    assert set(drops) == {(row, "register_reset"), (rolling, "register_rollover")}
    face = found.readings.filter(row=row, channel_code="delivered")
    assert face["wh"][11] == 0
    assert (face["wh"][11:].diff().drop_nulls() >= 0).all()
    label = drops[row, "register_reset"]
    assert label["interval_end_utc"] == face["read_at_utc"][11]
    assert label["sent_wh"] == -face["wh"][10]
    rolled = found.readings.filter(row=rolling, channel_code="delivered")["wh"]
    assert rolled.max() < 100_000_000
    assert (rolled.diff().drop_nulls() < 0).sum() == 1
