"""Runs of plain Green Button readings are read by columns, and mean what single readings mean."""

import re

import pytest

from pipelines.readers import UnreadableFile
from pipelines.readers.espi import events as espi_events
from tests.readers.test_espi import one, reading


def plain(count, first=0, prefix="", gap="\n"):
    """Readings as most feeds write them."""
    p = prefix
    return gap.join(
        f"<{p}IntervalReading><{p}timePeriod><{p}duration>900</{p}duration><{p}start>{1_293_868_800 + 900 * k}"
        f"</{p}start></{p}timePeriod><{p}value>{k}</{p}value></{p}IntervalReading>"
        for k in range(first, first + count)
    )


@pytest.mark.parametrize("gap", ["\n", "", "\n\n  ", " "])
def test_runs_of_plain_readings_are_read_like_single_ones(read, monkeypatch, gap):
    text = one([plain(300, gap=gap)])
    fast = read(text)
    monkeypatch.setattr(espi_events, "_OPENING", re.compile(b"<never>"))
    slow = read(text)
    assert fast.reads.equals(slow.reads)
    assert fast.reads["reported_wh"].to_list() == list(range(300))


@pytest.mark.parametrize("size", [1, 7, 100, 1000, 10_000])
def test_pieces_of_a_feed_do_not_matter(read, monkeypatch, size):
    odd = reading(1_293_868_800 + 900 * 300, "abc")
    text = one([plain(300), "<!--", plain(3), "-->", odd, plain(50, 301)])
    whole = read(text)
    monkeypatch.setattr(espi_events, "_READ_BYTES", size)
    pieces = read(text)
    assert pieces.reads.equals(whole.reads)
    assert pieces.rejects.equals(whole.rejects)
    assert (whole.reads.height, whole.rejects.height) == (350, 1)


def test_readings_of_another_namespace_or_in_a_comment_are_none(read):
    foreign = plain(3, prefix="x:").replace("<x:IntervalReading>", '<x:IntervalReading xmlns:x="http://example.org/x">')
    text = one([foreign, "<!--" + plain(3) + "-->", plain(2)])
    assert read(text).reads["reported_wh"].to_list() == [0, 1]


def test_damage_within_a_run_is_found(read):
    with pytest.raises(UnreadableFile, match="malformed"):
        read(one([plain(50).replace("<value>20</value>", "<value>20</valve>")]))
    text = one([plain(50)])
    with pytest.raises(UnreadableFile, match="truncated"):
        read(text[: text.index("<value>30")])
