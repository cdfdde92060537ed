"""Laws of edits: any order of reads and decisions ends in the same values, and versions hold what was believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tables.vee import EDITED_INTERVAL_READS, RESTATEMENTS
from tests.vee.conftest import Warehouse, fresh_warehouse
from tests.vee.edited import Edit, deliver, in_force
from tests.vee.test_law_of_arrival import run_and_check_restatements, snapshot
from tests.vee.test_versions import assert_periods_follow_each_other, known_at
from tests.vee.worlds import EXAMPLES, RECEIVED, File, World, runs_of, worlds

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class PlannedEdit:
    place: int
    action: str
    wh: int
    is_seen: bool
    hours: int


planned = st.lists(
    st.builds(
        PlannedEdit,
        st.integers(0, 999),
        st.sampled_from(["edit", "edit", "verify", "withdraw"]),
        st.integers(0, 3_000),
        st.booleans(),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=8,
)


def edits_of(world: World, plans: Sequence[PlannedEdit]) -> list[Edit]:
    """Edits of some of the world's intervals, some of them of the same ones, each a file of its own."""
    sent = sorted({(r.meter_id, r.channel, r.start) for f in world.files() for r in f.reads})
    seen = {(r.meter_id, r.channel, r.start): r.wh for f in world.files() for r in f.reads}
    found = []
    for number, plan in enumerate(plans):
        place = sent[plan.place * len(sent) // 1000]
        known = seen[place] if plan.is_seen else plan.wh + 1
        known = None if known is None or not 0 <= known < 10**9 else known
        action = "edit" if plan.action == "verify" and known is None else plan.action
        wh = plan.wh if action == "edit" else None
        at = RECEIVED + plan.hours * HOUR
        found.append(Edit(f"e{number}", at, place[0], place[2], action, wh, known, place[1]))
    return found


def decided(edits: Sequence[Edit]) -> dict[tuple[str, str, datetime], tuple[int, str]]:
    """Value and quality by meter, channel and start, as plain Python has it."""
    values: dict[tuple[str, str, datetime], tuple[int, str]] = {}
    for one in sorted(edits, key=lambda e: (e.recorded_at, e.edit_id)):
        place = (one.meter_id, one.channel, one.start)
        values.pop(place, None)
        if one.action != "withdraw":
            final = one.wh if one.action == "edit" else one.seen
            assert final is not None
            values[place] = (final, "G" if one.action == "edit" else "V")
    return values


Delivery = File | Edit


def take_in(warehouse: Warehouse, deliveries: Sequence[Delivery]) -> None:
    for one in deliveries:
        if isinstance(one, Edit):
            deliver(warehouse, [one])
        else:
            warehouse.deliver([one])


@settings(EXAMPLES, max_examples=EXAMPLES.max_examples * 2 // 3)
@given(worlds, planned, st.randoms(use_true_random=False), st.sets(st.integers(1, 6), max_size=2))
def test_any_order_of_reads_and_edits_ends_in_the_same_values(
    world: World, plans: list[PlannedEdit], random: Random, cuts: set[int]
) -> None:
    edits = edits_of(world, plans)
    deliveries: list[Delivery] = [*world.files(), *edits]
    shuffled = list(deliveries)
    random.shuffle(shuffled)
    with fresh_warehouse(world.climate()) as step_by_step:
        for group in groups(shuffled, cuts):
            take_in(step_by_step, group)
            run_and_check_restatements(step_by_step)
        assert step_by_step.run() == []
        stepwise = snapshot(step_by_step)
    with fresh_warehouse(world.climate()) as at_once:
        take_in(at_once, deliveries)
        at_once.run()
        for name, frame in snapshot(at_once).items():
            assert frame.equals(stepwise[name]), name
        final = at_once.table(EDITED_INTERVAL_READS)
        applied = {(e["meter_id"], e["channel_code"], e["interval_start_utc"]) for e in in_force(at_once)}
    with fresh_warehouse(world.climate()) as unedited:
        unedited.deliver(world.files())
        unedited.run()
        assert_decided(unedited.table(EDITED_INTERVAL_READS), final, decided(edits), applied)


def groups(deliveries: Sequence[Delivery], cuts: set[int]) -> list[list[Delivery]]:
    """Runs; the first one takes in a file of reads at least, since a home without reads has nothing to judge."""
    cast: Callable[..., list[list[Delivery]]] = runs_of
    found = cast(deliveries, [cut for cut in cuts if cut < len(deliveries)])
    while len(found) > 1 and not any(isinstance(one, File) for one in found[0]):
        found = [found[0] + found[1], *found[2:]]
    return found


def assert_decided(
    before: pl.DataFrame,
    after: pl.DataFrame,
    values: dict[tuple[str, str, datetime], tuple[int, str]],
    applied: set[tuple[str, str, datetime]],
) -> None:
    """Edited intervals have the values decided on, all others none, and nobody's reported value has changed."""
    expected = set()
    one, other = (
        {(row["meter_id"], row["interval_start_utc"]): row for row in frame.rows(named=True)}
        for frame in (before, after)
    )
    assert one.keys() == other.keys()
    for place, row in other.items():
        for channel in ("delivered", "received"):
            assert reported(row, channel) == reported(one[place], channel)
            key = (place[0], channel, place[1])
            if key in values and row[f"{channel}_quality_code"] is not None:
                assert (row[f"{channel}_wh"], row[f"{channel}_quality_code"]) == values[key]
                expected.add(key)
            else:
                assert row[f"{channel}_quality_code"] not in ("G", "V")
    assert applied == expected


def reported(row: dict[str, Any], channel: str) -> int | None:
    adjustment = row[f"{channel}_adjustment_wh"]
    return None if adjustment is None else (row[f"{channel}_wh"] or 0) - adjustment


@settings(EXAMPLES, max_examples=EXAMPLES.max_examples // 2)
@given(worlds, planned)
def test_versions_hold_what_was_believed_before_each_edit(world: World, plans: list[PlannedEdit]) -> None:
    deliveries: list[Delivery] = [*world.files(), *edits_of(world, plans)]
    ordered = sorted(deliveries, key=receipt)
    with fresh_warehouse(world.climate()) as warehouse:
        archives: list[tuple[datetime, pl.DataFrame]] = []
        for instant, group in groupby(ordered, key=receipt):
            take_in(warehouse, list(group))
            if warehouse.run() or archives:
                archives.append(
                    (instant, warehouse.table(EDITED_INTERVAL_READS).sort("meter_id", "interval_start_utc"))
                )
        for instant, archive in archives:
            assert known_at(warehouse, instant).equals(archive), instant
        assert_periods_follow_each_other(warehouse)
        assert warehouse.table(RESTATEMENTS).height


def receipt(one: Delivery) -> datetime:
    return one.recorded_at if isinstance(one, Edit) else one.received_at
