"""Flags of the system that sent the reads: compared with our verdicts, and taken where a feed's settings say so."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from models.vee.agreement import agreement
from pipelines.feeds import FEED_FILE, FeedError, FeedSettings, feeds_trusted
from pipelines.home import Home
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months

LEVELS = {"V": "valid", "A": "valid", "G": "valid", "E": "estimated", "Q": "failed", "N": "missing"}
STANDING = """
select r.*, files.feed
from reads as r
inner join files using (file_id)
anti join superseded_reads as s using (file_id, row_number, value_position)
"""
FINALS = """
select meter_id, channel, interval_start_utc, usage_date, final_wh, quality, method from (
    select meter_id, 'delivered' as channel, interval_start_utc, usage_date, delivered_wh as final_wh,
        delivered_quality_code as quality, delivered_method_code as method from finals
    union all
    select meter_id, 'received', interval_start_utc, usage_date, received_wh, received_quality_code,
        received_method_code from finals
) where quality is not null
"""


def _lake(home: Home) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    views = {"reads": "raw/interval_reads", "files": "raw/files", "superseded_reads": "vee/superseded_reads",
             "finals": "vee/interval_reads", "pairs": "vee/verdict_pairs", "failures": "vee/failures"}  # fmt: skip
    for name, place in views.items():
        files = f"{home.lake}/{place}/**/*.parquet"
        con.execute(f"create view {name} as from read_parquet('{files}', hive_partitioning = false)")
    con.execute(f"create table standing as {STANDING}")
    con.execute(f"create table beliefs as {FINALS}")
    return con


def _pairs(con: duckdb.DuckDBPyConnection) -> Counter[tuple[object, ...]]:
    rows = con.execute(
        "select meter_id, channel_code, usage_date, own_verdict, mdms_verdict, interval_count from pairs"
    )
    return Counter({row[:-1]: row[-1] for row in rows.fetchall()})


def _judge(home: Home) -> None:
    validate_months(home, vee_settings(), stale_months(home, vee_settings()), lambda _: None)


def _trust(home: Home, feed: str, vee: str) -> None:
    path = home.landing / feed / FEED_FILE
    lines = [line for line in path.read_text().splitlines() if not line.startswith("vee:")] if path.exists() else []
    path.write_text("\n".join([*lines, f"vee: {vee}"]) + "\n")


def test_pairs_are_those_of_beliefs_and_flags(tiny_home: Home) -> None:
    con = _lake(tiny_home)
    rows = con.execute(
        "select b.meter_id, b.channel, b.usage_date, b.quality, s.file_id, s.reported_quality_code "
        "from beliefs as b left join standing as s on b.meter_id = s.meter_id and b.channel = s.channel_code "
        "and b.interval_start_utc = s.interval_start_utc"
    ).fetchall()
    flagged = set(
        con.execute(
            "select distinct b.meter_id, b.channel, b.usage_date from beliefs as b inner join reads as r "
            "on b.meter_id = r.meter_id and b.channel = r.channel_code and b.interval_start_utc = r.interval_start_utc "
            "where r.reported_quality_code is not null"
        ).fetchall()
    )
    expected: Counter[tuple[object, ...]] = Counter()
    for *day, quality, file_id, flag in rows:
        if tuple(day) in flagged and (file_id is None or flag is not None):
            expected[*day, LEVELS[quality], "missing" if file_id is None else LEVELS[flag]] += 1
    assert _pairs(con) == expected
    assert len({key[3:] for key in expected}) >= 4
    assert con.execute("select count(*) from standing where reported_quality_code is null").fetchone() != (0,)


def test_flags_are_taken_where_a_feed_says_so_and_given_back(copy_of_tiny: Home) -> None:
    before = _lake(copy_of_tiny)
    own = _pairs(before)
    own_beliefs = before.execute("select * from beliefs order by all").fetchall()
    _trust(copy_of_tiny, "mdms", "mdms")
    _judge(copy_of_tiny)
    con = _lake(copy_of_tiny)
    con.execute(
        "create table taken as select b.*, s.reported_wh, s.reported_quality_code as flag, s.feed, s.file_id "
        "from beliefs as b left join standing as s on b.meter_id = s.meter_id and b.channel = s.channel_code "
        "and b.interval_start_utc = s.interval_start_utc"
    )
    kinds = con.execute(
        "select flag, quality, method, count(*) from taken where feed = 'mdms' and reported_wh >= 0 "
        "and final_wh = reported_wh group by all order by all"
    ).fetchall()
    assert [row[:3] for row in kinds] == [("A", "A", None), ("E", "E", "EM")]
    other = con.execute(
        "select count(*) from taken where feed = 'mdms' and reported_wh >= 0 and final_wh is distinct from reported_wh"
    ).fetchone()
    assert other == (0,)
    blanks = con.execute(
        "select distinct final_wh, quality, method from taken where feed = 'mdms' and reported_wh is null"
    ).fetchall()
    assert blanks == [(None, "N", None)]
    # What never came, or is no value of an interval, has our verdict still.
    assert con.execute(
        "select count(*) from taken where (file_id is null or reported_wh < 0) and method is not null"
    ).fetchone() != (0,)
    assert _pairs(con).total() == own.total()
    _trust(copy_of_tiny, "mdms", "own")
    _judge(copy_of_tiny)
    again = _lake(copy_of_tiny)
    assert again.execute("select * from beliefs order by all").fetchall() == own_beliefs
    assert _pairs(again) == own


def test_a_feed_says_own_or_mdms(home: Home) -> None:
    with pytest.raises(FeedError, match="vee is 'head-end'; it must be one of own, mdms"):
        FeedSettings(vee="head-end")
    for feed, text in (("b", "vee: mdms\n"), ("a", "vee: mdms\n"), ("c", "vee: own\n"), ("d", "unit: wh\n")):
        path: Path = home.landing / feed / FEED_FILE
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert feeds_trusted(home) == ["a", "b"]


@pytest.mark.parametrize(
    ("pairs", "share", "kappa"),
    [
        ({}, None, None),
        ({("valid", "valid"): 7}, 1.0, None),
        ({("valid", "valid"): 5, ("missing", "missing"): 5}, 1.0, 1.0),
        # Cohen's own kind of example: 20 and 15 agree, 5 and 10 do not; chance agrees on half.
        (
            {("valid", "valid"): 20, ("valid", "failed"): 5, ("failed", "valid"): 10, ("failed", "failed"): 15},
            0.7,
            0.4,
        ),
        ({("valid", "failed"): 5, ("failed", "valid"): 5}, 0.0, -1.0),
    ],
)
def test_agreement(pairs: dict[tuple[str, str], int], share: float | None, kappa: float | None) -> None:
    found = agreement(pairs)
    assert found == (pytest.approx(share), pytest.approx(kappa)) if share is not None else found == (None, None)
