"""The data-quality report against questions of its own to the marts, and against hostile and missing input."""

import re
import shlex
import subprocess
import sys
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.reports.data_quality import DataQuality, Period, ReportError, read, write
from pipelines.reports.page import percent, render

LAST = date(2026, 3, 31)
FIRST = LAST - timedelta(days=29)
IN_PERIOD = f"usage_date between date '{FIRST}' and date '{LAST}'"


class _Page(HTMLParser):
    """Text, tags, attributes and table rows of a page; unbalanced elements fail."""

    VOID = ("meta", "br", "path", "rect", "line", "circle", "use", "stop")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs] or [(tag, "", None)]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "td" in self.open or ("th" in self.open and "tr" in self.open):
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {' '.join(data.split())}".strip()

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def quality(tiny_home: Home) -> DataQuality:
    return read(tiny_home)


@pytest.fixture(scope="module")
def page(quality: DataQuality) -> _Page:
    return _Page(render(quality))


@pytest.fixture(scope="module")
def lake_of_tiny(tiny_home: Home) -> duckdb.DuckDBPyConnection:
    """The lake below the marts, asked without them."""
    con = duckdb.connect()
    for layer, name in (("vee", "interval_reads"), ("vee", "meter_day_profiles"), ("vee", "failures"),
                        ("vee", "restatements"), ("entities", "meters"), ("raw", "files")):  # fmt: skip
        files = f"{tiny_home.lake}/{layer}/{name}/**/*.parquet"
        con.execute(f"create view {name} as from read_parquet('{files}', hive_partitioning = false)")
    return con


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def test_totals_are_those_of_the_lake(quality: DataQuality, lake_of_tiny: duckdb.DuckDBPyConnection) -> None:
    assert quality.period == Period(FIRST, LAST)
    for totals, period in ((quality.totals, quality.period), (quality.totals_before, quality.period.before)):
        dates = f"usage_date between date '{period.first}' and date '{period.last}'"
        (reads,) = _rows(
            lake_of_tiny,
            "select sum(expected_count), sum(read_count), count(distinct meter_id) "
            f"from meter_day_profiles where {dates}",
        )
        (intervals,) = _rows(
            lake_of_tiny,
            "select count(*), count(coalesce(delivered_method_code, received_method_code)), "
            f"count(*) - count(coalesce(delivered_wh, received_wh)) from interval_reads where {dates}",
        )
        (failed,) = _rows(
            lake_of_tiny,
            "select sum(failed_count) filter (severity_code = 'error' and rule_code <> 'V03'), "
            f"sum(failed_count) filter (severity_code = 'warning') from failures where {dates}",
        )
        assert reads == (totals["expected_read_count"], totals["received_read_count"], totals["meter_count"])
        assert intervals == tuple(
            totals[f"{name}_interval_count"] for name in ("expected", "estimated", "unknown")
        )  # fmt: skip
        assert failed == (totals["failed_count"], totals["warned_count"])
        assert totals["day_count"] == 30


def test_days_and_groups_are_those_of_the_lake(quality: DataQuality, lake_of_tiny: duckdb.DuckDBPyConnection) -> None:
    days = _rows(
        lake_of_tiny,
        "select usage_date, count(*), count(*) filter (coalesce(delivered_quality_code, 'V') in ('V', 'A', 'G') "
        "and coalesce(received_quality_code, 'V') in ('V', 'A', 'G')) "
        f"from interval_reads where {IN_PERIOD} group by all order by all",
    )
    assert days == [
        (row["usage_date"], row["expected_interval_count"], row["valid_interval_count"]) for row in quality.days
    ]
    groups = _rows(
        lake_of_tiny,
        "select customer_class, climate_zone, coalesce(delivered_method_code, received_method_code) as method, "
        f"count(*) from interval_reads join meters using (meter_id) where {IN_PERIOD} and method is not null "
        "group by all order by customer_class, climate_zone nulls last, method",
    )
    assert groups == [
        (row["customer_class"], row["climate_zone"], method, count)
        for row in quality.groups
        for method, count in sorted(row["methods"].items())
    ]
    for row in quality.groups:
        assert sum(row["methods"].values()) == row["estimated_interval_count"]
    assert sum(row["expected_interval_count"] for row in quality.groups) == quality.totals["expected_interval_count"]


def test_rules_are_those_of_the_lake(quality: DataQuality, lake_of_tiny: duckdb.DuckDBPyConnection) -> None:
    rules = _rows(
        lake_of_tiny,
        "select rule_code, sum(failed_count)::bigint, sum(estimated_count)::bigint, count(distinct meter_id), "
        f"count(distinct meter_id || usage_date) from failures where {IN_PERIOD} group by all order by all",
    )
    assert rules == [
        (row["rule_code"], row["error_count"] + row["warning_count"], row["estimated_count"], row["meter_count"],
         row["meter_day_count"])
        for row in quality.rules
    ]  # fmt: skip
    by_day = _rows(
        lake_of_tiny,
        "select rule_code, usage_date, sum(failed_count)::bigint from failures "
        f"where {IN_PERIOD} group by all order by all",
    )
    assert by_day == [(row["rule_code"], row["usage_date"], row["failed_count"]) for row in quality.rule_days]


def test_worst_meters_come_first_with_reasons_and_a_day_to_explain(
    quality: DataQuality, lake_of_tiny: duckdb.DuckDBPyConnection
) -> None:
    unsure = (
        "count(*) filter (coalesce(delivered_method_code, received_method_code) is not null "
        "or coalesce(delivered_wh, received_wh) is null)"
    )
    meters = dict(
        _rows(
            lake_of_tiny,
            f"select meter_id, {unsure} as n from interval_reads where {IN_PERIOD} group by all having n > 0",
        )
    )
    shown = [
        (row["meter_id"], row["estimated_interval_count"] + row["unknown_interval_count"])
        for row in quality.worst_meters
    ]
    assert shown == [(meter, meters[meter]) for meter, _ in shown]
    assert [count for _, count in shown] == sorted(meters.values(), reverse=True)[: len(shown)]
    assert len(shown) == min(15, len(meters))
    for row in quality.worst_meters:
        days = _rows(
            lake_of_tiny,
            f"select usage_date, {unsure} as n from interval_reads "
            f"where {IN_PERIOD} and meter_id = '{row['meter_id']}' "
            "group by all order by n desc, usage_date desc limit 1",
        )
        assert row["worst_date"] == days[0][0]
        assert row["command"] == f"meterhouse explain fct_daily_usage {row['meter_id']} {days[0][0]} delivered_kwh"
        codes = _rows(
            lake_of_tiny,
            "select distinct rule_code from failures "
            f"where {IN_PERIOD} and meter_id = '{row['meter_id']}' order by all",
        )
        assert sorted(re.findall(r"V\d\d", row["why"])) == [code for (code,) in codes]


def test_the_page_shows_these_figures(quality: DataQuality, page: _Page) -> None:
    totals = quality.totals
    share = percent(totals["received_read_count"] / totals["expected_read_count"])
    assert f"{share} {totals['received_read_count']:,} of {totals['expected_read_count']:,} reads received" in page.text
    shown: dict[str, list[str]] = {}
    for row in page.rows:
        shown.setdefault(row[0], row)
    for rule in quality.rules:
        row = shown[f"{rule['rule_code']} {rule['rule_name']}"]
        assert row[1:3] == [f"{rule['error_count']:,}", f"{rule['warning_count']:,}"]
    for meter in quality.worst_meters:
        assert shown[meter["meter_id"]][2] == f"{meter['estimated_interval_count']:,}"
    for feed in quality.freshness:
        assert feed["feed"] in shown
    for file in quality.quarantined:
        assert shown[file["file_name"]][3] == " ".join(file["reason"].split())


def test_the_page_needs_nothing_else_and_runs_nothing(page: _Page) -> None:
    tags = {tag for tag, _, _ in page.attributes}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("href", "src", "xlink:href"):
            assert (value or "").startswith("#"), (tag, name, value)
    text = "".join(page.texts) + " ".join(value or "" for _, _, value in page.attributes)
    assert "http:" not in text
    assert "https:" not in text
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    names = [value for _, name, value in page.attributes if name == "id"]
    assert len(names) == len(set(names))
    used = set(re.findall(r"url\(#([^)]*)\)", " ".join(value or "" for _, _, value in page.attributes)))
    assert used <= set(names)


def test_charts_have_words(page: _Page) -> None:
    labels = [value or "" for tag, name, value in page.attributes if name == "aria-label" and tag == "div"]
    assert len(labels) == sum(1 for tag, name, _ in page.attributes if (tag, name) == ("svg", "viewbox"))
    assert all(label.endswith(".") for label in labels)


def test_equal_marts_give_equal_bytes(tiny_home: Home, quality: DataQuality) -> None:
    program = (
        "import sys; from pathlib import Path; from pipelines.home import Home\n"
        "from pipelines.reports.data_quality import read; from pipelines.reports.page import render\n"
        f"sys.stdout.write(render(read(Home(Path({str(tiny_home.root)!r})))))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True,
        env={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert other.stdout.decode() == render(quality)


def test_the_run_has_written_it(tiny_home: Home, quality: DataQuality) -> None:
    folder = tiny_home.reports / "data_quality"
    assert sorted(path.name for path in folder.iterdir()) == [f"{LAST}.html", "latest.html"]
    for path in folder.iterdir():
        assert path.read_text(encoding="utf-8") == render(quality)


def test_a_verb_writes_chosen_dates_to_a_chosen_file(
    tiny_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    out = tmp_path / "deep" / "january.html"
    chosen = ["report", "data-quality", "--from", "2026-01-01", "--to", "2026-01-31", "--out", str(out)]
    result = CliRunner().invoke(app, chosen)
    assert (result.exit_code, result.stdout.strip()) == (0, str(out)), result.output
    assert "2026-01-01 to 2026-01-31, 31 local dates" in _Page(out.read_text(encoding="utf-8")).text
    nothing = CliRunner().invoke(app, ["report", "data-quality", "--from", "2030-01-01", "--to", "2030-01-31"])
    assert nothing.exit_code == 1
    assert "choose dates from 2025-10-01 to 2026-03-31" in nothing.output
    turned = CliRunner().invoke(app, ["report", "data-quality", "--from", "2026-02-02", "--to", "2026-02-01"])
    assert turned.exit_code == 2


def test_a_home_without_marts_says_what_to_do(home: Home) -> None:
    result = CliRunner().invoke(app, ["report", "data-quality"])
    assert result.exit_code == 1
    assert "has no published marts" in result.output
    assert not home.reports.exists()


def _changed(copy: Home, *statements: str) -> Home:
    with duckdb.connect(str(copy.marts.resolve())) as con:
        for statement in statements:
            con.execute(statement)
    return copy


def test_marts_without_reads_are_nothing_to_report_on(copy_of_tiny: Home) -> None:
    with pytest.raises(ReportError, match="published no reads"):
        read(_changed(copy_of_tiny, "delete from mart_read_quality_daily"))


def test_hostile_names_are_text(copy_of_tiny: Home) -> None:
    evil = "<script>alert('1')</script>\" onload=x; $(rm -rf ~)"
    quoted = evil.replace("'", "''")
    with open_marts(copy_of_tiny) as con:
        meter = read(copy_of_tiny).worst_meters[0]["meter_id"]
        assert con.execute("select count(*) > 0 from fct_daily_usage where meter_id = ?", [meter]).fetchone() == (True,)
    _changed(
        copy_of_tiny,
        f"update fct_daily_usage set meter_id = '{quoted}' where meter_id = '{meter}'",
        f"update fct_vee_failures set meter_id = '{quoted}' where meter_id = '{meter}'",
        f"update mart_read_quality_daily set customer_class = '{quoted}' where customer_class = 'residential'",
        f"update mart_estimates_daily set customer_class = '{quoted}' where customer_class = 'residential'",
        f"update fct_file_reconciliation set feed = '{quoted}' where feed = 'mdms'",
        f"update fct_file_reconciliation set file_name = '{quoted}', reason = '{quoted}' "
        "where status_code = 'quarantined'",
        f"update fct_feed_freshness set feed = '{quoted}' where feed = 'usage'",
    )
    page = _Page(write(copy_of_tiny).read_text(encoding="utf-8"))
    test_the_page_needs_nothing_else_and_runs_nothing(page)
    cells = [cell for row in page.rows for cell in row]
    assert cells.count(evil) >= 4
    asked = f"meterhouse explain fct_daily_usage {shlex.quote(evil)} {LAST} delivered_kwh"
    assert any(cell.endswith(asked) for cell in cells)


def test_a_home_that_knows_no_class_no_zone_and_no_failure(copy_of_tiny: Home) -> None:
    _changed(
        copy_of_tiny,
        "update mart_read_quality_daily set customer_class = 'unclassified', climate_zone = null, "
        "estimated_interval_count = 0",
        "delete from mart_estimates_daily",
        "delete from fct_vee_failures",
        "update mart_vee_daily set failed_count = 0",
        "update fct_daily_usage set estimated_interval_count = 0",
        "delete from fct_file_reconciliation",
        f"delete from mart_read_quality_daily where usage_date < date '{FIRST}'",
        f"delete from fct_daily_usage where usage_date < date '{FIRST}'",
    )
    page = _Page(render(read(copy_of_tiny)))
    for sentence in ("unclassified, zone unknown", "No value failed any check.", "none was estimated",
                     "No meter was estimated for several days on end.", "No file received in the period was refused.",
                     "period before: –"):  # fmt: skip
        assert sentence in page.text


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0, "0.00 %"), (1, "100.00 %"), (0.00001, "< 0.01 %"), (0.999999, "> 99.99 %"), (0.12346, "12.35 %")],
)
def test_shares_never_round_to_all_or_nothing(share: float | None, text: str) -> None:
    assert percent(share) == text
