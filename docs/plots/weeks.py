"""Pictures over days: a summer and a winter week of load, and the temperatures of a year."""

from datetime import date, timedelta

import altair as alt
import polars as pl

from docs.plots.look import WIDTH, ZONE_COLOURS, Specification, picture
from docs.plots.truth import HOME, SOLAR_HOME, Truth

_HALF = WIDTH // 2 - 20
_CUSTOMER_COLOURS = {
    HOME: "#3f88d9", SOLAR_HOME: "#e3a018", "office": "#2ca58d", "restaurant": "#d1493f", "shop": "#9a6fd0",
}  # fmt: skip
_LOCAL = alt.Scale(type="utc")
"""Times are local wall clocks, drawn as they are."""


def draw_weeks_by_zone(truth: Truth) -> Specification:
    """Mean load of homes without panels by zone."""
    homes = truth.hours.filter(customer_type=HOME)
    panels = [
        _lines(_mean(homes, week, "climate_zone"), "climate_zone", ZONE_COLOURS, _title(week).capitalize(), kw_max=4)
        for week in _weeks(truth)
    ]
    return picture(
        alt.vconcat(*panels),
        "Summer afternoons grow from the coast to the desert; in winter the zones are alike",
        "Mean load of homes without solar panels by climate zone, kW per home, hourly means, local time",
    )


def draw_weeks_by_customer(truth: Truth) -> Specification:
    """Mean load by type of customer."""
    kinds = {"Homes": [HOME, SOLAR_HOME], "Businesses": ["restaurant", "office", "shop"]}
    rows = []
    for label, names in kinds.items():
        some = truth.hours.filter(pl.col("customer_type").is_in(names))
        colours = {name: _CUSTOMER_COLOURS[name] for name in names}
        frames = [(_mean(some, week, "customer_type"), week) for week in _weeks(truth)]
        panels = [
            _lines(frame, "customer_type", colours, f"{label}, {_title(week)}", width=_HALF) for frame, week in frames
        ]
        rows.append(alt.hconcat(*panels).resolve_scale(y="shared", color="shared"))
    return picture(
        alt.vconcat(*rows).resolve_scale(color="independent"),
        "Homes peak in the evening, offices and shops by day, restaurants at meals; panels send power back",
        "Mean net load by type of customer, kW per premise, hourly means, local time; below zero: to the grid",
    )


def draw_temperatures(truth: Truth) -> Specification:
    """Daily temperatures by zone."""
    days = truth.temperatures.with_columns(pl.col("low", "mean", "high").round(1), at=_milliseconds("usage_date"))
    base = alt.Chart(days).encode(
        x=alt.X("at:T", title=None, scale=_LOCAL, axis=alt.Axis(format="%b", tickCount="month", labelFlush=False)),
        color=_colour("climate_zone", ZONE_COLOURS).legend(None),
    )
    band = base.mark_area(opacity=0.3).encode(y=alt.Y("low:Q", title="°C"), y2="high:Q")
    line = base.mark_line(strokeWidth=1.4).encode(y="mean:Q")
    panel = alt.layer(band, line).properties(width=_HALF, height=130)
    zones = alt.Facet("climate_zone:N", title=None, sort=list(ZONE_COLOURS))
    return picture(
        panel.facet(facet=zones, columns=2),
        "The coast is mild all year, the desert is hot in summer; warm and cold spells reach all zones together",
        f"Air temperature by climate zone, °C: mean of the day, and from its least to its greatest, "
        f"{truth.first} to {truth.last}",
    )


def _weeks(truth: Truth) -> list[date]:
    """Mondays of the week of the year's highest hour, and of the coldest week from December to February."""
    system = truth.hours.group_by("hour_local").agg(pl.col("net").sum()).sort("net", "hour_local")
    peak: date = system["hour_local"].dt.date()[-1]
    monday = pl.col("usage_date").dt.truncate("1w")
    weekly = truth.temperatures.group_by(monday).agg(pl.col("mean").mean(), days=pl.len())
    winter = weekly.filter(pl.col("usage_date").dt.month().is_in([12, 1, 2]), pl.col("days") == pl.col("days").max())
    coldest: date = winter.sort("mean", "usage_date")["usage_date"][0]
    return [peak - timedelta(days=peak.weekday()), coldest]


def _title(monday: date) -> str:
    season = "summer" if 6 <= monday.month <= 10 else "winter"
    return f"{season} week, {monday} to {monday + timedelta(days=6)}"


def _mean(hours: pl.DataFrame, monday: date, key: str) -> pl.DataFrame:
    """Mean kW per premise by hour of a week and key."""
    inside = pl.col("hour_local").dt.date().is_between(monday, monday + timedelta(days=6))
    sums = hours.filter(inside).group_by("hour_local", key).agg(pl.sum("net", "premise_count"))
    kw = (pl.col("net") / pl.col("premise_count")).round(3)
    return sums.select(key, at=_milliseconds("hour_local"), kw=kw).sort("at", key)


def _milliseconds(column: str) -> pl.Expr:
    """A local time as if it were UTC, so that no renderer's own time zone can move it."""
    return pl.col(column).cast(pl.Datetime("ms")).dt.epoch("ms")


def _lines(
    frame: pl.DataFrame,
    key: str,
    colours: dict[str, str],
    title: str,
    *,
    width: int = WIDTH,
    kw_max: float | None = None,
) -> alt.Chart:
    scale = alt.Scale() if kw_max is None else alt.Scale(domainMax=kw_max)
    axis = alt.Axis(format="%a", tickCount="day", grid=True, labelAlign="left", labelOffset=2)
    chart: alt.Chart = (
        alt.Chart(frame, title=alt.TitleParams(title, fontSize=12, anchor="start", offset=6))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("at:T", title=None, scale=_LOCAL, axis=axis),
            y=alt.Y("kw:Q", title="kW", scale=scale),
            color=_colour(key, colours),
        )
        .properties(width=width, height=170)
    )
    return chart


def _colour(key: str, colours: dict[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{key}:N", title=None, scale=scale)
