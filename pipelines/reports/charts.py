"""Charts of reports: Altair specifications, drawn as SVG that stands inside a page.

Nothing is told by colour alone, and the same rows give the same bytes. Marks carry no labels for screen readers: the
page gives each chart one sentence, and its figures are in the tables.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import vl_convert

WIDTH = 820
"""Width of a chart without its axes, pixels."""
INK, MUTED, LINE, ACCENT = "#1f2933", "#616e7c", "#dde3ea", "#1f5f8b"
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_NAMESPACE = re.compile(r' xmlns(?::xlink)?="[^"]*"')
_OWN_NAME = re.compile(r'(id="|url\(#)')
_PLACES = re.compile(r' (?:d|transform)="[^"]*"')
_DIGITS = re.compile(r"-?\d+\.\d{3,}")

Rows = Iterable[Mapping[str, Any]]


def completeness(rows: Rows) -> str:
    """Reads received as a share of those expected, and valid intervals as a share of all, by day.

    Args:
        rows: `usage_date`, `received_ratio`, `valid_ratio` (0 to 1).
    """
    series = {"received_ratio": "reads received", "valid_ratio": "intervals valid as measured"}
    values = [
        {"day": str(row["usage_date"]), "ratio": float(row[name]), "what": what}
        for row in rows
        for name, what in series.items()
        if row[name] is not None
    ]
    kinds = list(series.values())
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=28, filled=True), strokeWidth=1.6)
        .encode(
            x=_days(),
            y=alt.Y("ratio:Q", title=None, axis=alt.Axis(format=".1%"), scale=alt.Scale(zero=False, nice=True)),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=kinds, range=[ACCENT, "#a8642a"])),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 3]])),
            shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "square"])),
        )
        .properties(width=WIDTH, height=190)
    )
    return _drawn(chart, "completeness")


def failed_rules(rows: Rows) -> str:
    """Failed values by day and rule, as circles whose area follows the count.

    Args:
        rows: `usage_date`, `rule` (code and name), `failed_count`.
    """
    values = [
        {"day": str(row["usage_date"]), "rule": row["rule"], "failed": row["failed_count"]}
        for row in rows
    ]  # fmt: skip
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_circle(color=ACCENT, opacity=0.75, stroke=ACCENT)
        .encode(
            x=_days(),
            y=alt.Y("rule:N", title=None, axis=alt.Axis(grid=True, ticks=False, domain=False, labelPadding=8)),
            size=alt.Size("failed:Q", title="failed values", scale=alt.Scale(range=[10, 320]), legend=_sizes()),
        )
        .properties(width=WIDTH - 100, height=alt.Step(26))
    )
    return _drawn(chart, "rules")


def estimated_shares(rows: Rows) -> str:
    """Estimated and unknown intervals as a share of those expected, by customer class and climate zone.

    Args:
        rows: `group` (class and zone), `estimated_ratio`, `unknown_ratio` (0 to 1), in order.
    """
    values = [
        {"group": row["group"], "ratio": float(row["estimated_ratio"] or 0) + float(row["unknown_ratio"] or 0)}
        for row in rows
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("group:N", title=None, sort=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=320)),
        x=alt.X("ratio:Q", title=None, axis=alt.Axis(format=".1%", tickCount=6), scale=alt.Scale(domainMin=0)),
    )
    bars = base.mark_bar(color=ACCENT, height=13)
    labels = base.mark_text(align="left", dx=5, color=INK).encode(text=alt.Text("ratio:Q", format=".2%"))
    return _drawn((bars + labels).properties(width=WIDTH - 160, height=alt.Step(24)), "groups")


def restated(rows: Rows) -> str:
    """Restated meter-days by the date on which the energy was used.

    Args:
        rows: `usage_date`, `restated_meter_day_count`.
    """
    values = [{"day": str(row["usage_date"]), "restated": row["restated_meter_day_count"]} for row in rows]
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(color=ACCENT, width=10)
        .encode(x=_days(), y=alt.Y("restated:Q", title=None, axis=alt.Axis(format=",d", tickMinStep=1)))
        .properties(width=WIDTH, height=130)
    )
    return _drawn(chart, "restated")


def _days() -> alt.X:
    axis = alt.Axis(format="%b %-d", grid=False, labelOverlap=True)
    return alt.X("day:T", title=None, axis=axis, scale=alt.Scale(type="utc", padding=14))


def _sizes() -> alt.Legend:
    return alt.Legend(format=",d", symbolFillColor=ACCENT, tickCount=4)


def _drawn(chart: alt.Chart | alt.LayerChart, name: str) -> str:
    """A chart as SVG whose inner names begin with the chart's own, since a page holds several."""
    text = {"labelColor": INK, "titleColor": MUTED, "labelFontSize": 11, "titleFontSize": 11}
    text["titleFontWeight"] = "normal"
    specification = chart.to_dict()
    specification["config"] = {
        "aria": False,
        "background": None,
        "font": _FONT,
        "padding": 4,
        "axis": text | {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelLimit": 260},
        "legend": text | {"orient": "top", "labelLimit": 300},
        "view": {"stroke": None},
        "text": {"fontSize": 11},
    }
    svg = _NAMESPACE.sub("", vl_convert.vegalite_to_svg(specification))
    svg = _PLACES.sub(lambda place: _DIGITS.sub(_hundredths, place[0]), svg)
    return _OWN_NAME.sub(rf"\g<1>{name}-", svg)


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
