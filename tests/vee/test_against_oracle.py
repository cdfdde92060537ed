"""Random meters, random files: the vee layer equals an independent recomputation, row for row."""

from collections import Counter

import polars as pl
from hypothesis import given

from models.tables.vee import EDITED_INTERVAL_READS, FAILURES, METER_DAY_PROFILES, SUPERSEDED_READS
from tests.vee.conftest import Warehouse, assert_as_expected, fresh_warehouse
from tests.vee.facts import File
from tests.vee.worlds import EXAMPLES, World, worlds


@EXAMPLES
@given(worlds)
def test_every_table_equals_the_oracle(world: World) -> None:
    files = world.files()
    with fresh_warehouse(world.climate()) as warehouse:
        warehouse.deliver(files)
        warehouse.run()
        assert_as_expected(warehouse, files)
        check_that_it_adds_up(warehouse, files)


def check_that_it_adds_up(warehouse: Warehouse, files: list[File]) -> None:
    """Laws that need no oracle."""
    wide = warehouse.table(EDITED_INTERVAL_READS)
    long = pl.concat(
        wide.select(
            "meter_id",
            "interval_start_utc",
            "usage_date",
            "known_at_utc",
            pl.lit(channel).alias("channel_code"),
            *(
                pl.col(f"{channel}_{name}").alias(name)
                for name in ("wh", "adjustment_wh", "quality_code", "method_code")
            ),
        ).filter(pl.col("quality_code").is_not_null())
        for channel in ("delivered", "received")
    )
    is_actual = pl.col("quality_code") == "A"
    assert long.filter(is_actual, (pl.col("adjustment_wh") != 0) | pl.col("method_code").is_not_null()).is_empty()
    assert long.filter(is_actual & pl.col("wh").is_null()).is_empty()
    assert long.filter((pl.col("quality_code") == "E") != pl.col("method_code").is_not_null()).is_empty()
    is_kept = (pl.col("quality_code") == "Q") & pl.col("wh").is_not_null()
    assert long.filter(is_kept, (pl.col("adjustment_wh") != 0) | pl.col("method_code").is_not_null()).is_empty()
    assert long.filter(pl.col("wh").is_null(), ~pl.col("quality_code").is_in(["Q", "N"])).is_empty()
    assert wide["known_at_utc"].null_count() == 0
    assert wide.filter(~pl.col("known_at_utc").is_in([f.received_at for f in files])).is_empty()

    profiles = warehouse.table(METER_DAY_PROFILES)
    assert profiles["expected_count"].sum() == long.height
    assert profiles["valid_count"].sum() == long.filter(is_actual).height
    assert profiles["valid_wh"].sum() == (long.filter(is_actual)["wh"].sum() or 0)
    assert profiles["estimated_count"].sum() == long.filter(quality_code="E").height

    failures = warehouse.table(FAILURES)
    assert failures["estimated_count"].sum() == long.filter(quality_code="E").height

    standing = {
        (meter, str(channel), start)
        for meter, channel, start, code in long.select(
            "meter_id", "channel_code", "interval_start_utc", "quality_code"
        ).iter_rows()
    }
    on_grid = Counter((r.meter_id, r.channel, r.start) for f in files for r in f.reads)
    on_grid = Counter({key: n for key, n in on_grid.items() if key in standing})
    superseded = warehouse.table(SUPERSEDED_READS)
    assert superseded.height + len(on_grid) == on_grid.total()
