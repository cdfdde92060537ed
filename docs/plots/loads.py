"""Pictures of load: duration curve, energy of homes in a year, components of an average day."""

import math

import altair as alt
import polars as pl

from docs.plots.look import INK, WIDTH, Specification, picture
from docs.plots.truth import HOME, Truth
from sims.loads.loads import COMPONENTS

REFERENCE_KWH = {"P10": 4_240, "P50": 7_000, "P90": 11_100}
"""Annual kWh of homes that the world is tuned to."""

_QUANTILES = {"P10": 0.1, "P50": 0.5, "P90": 0.9}
_BIN_KWH, _LAST_BIN_KWH = 500, 20_000
_CURVE_POINTS = 300
_COMPONENT_COLOURS = {
    "base": "#7d8590", "activity": "#3f88d9", "lighting": "#c9b458", "water_heater": "#9a6fd0", "pool": "#2ca58d",
    "electric_vehicle": "#d476b0", "heating": "#b5651d", "cooling": "#d1493f", "solar": "#e3a018",
}  # fmt: skip
"""From the bottom of the pile to its top; solar hangs below zero."""
_SEASONS = {"A summer day (June to September)": [6, 7, 8, 9], "A winter day (December to February)": [12, 1, 2]}


def draw_load_duration(truth: Truth) -> Specification:
    """Load-duration curve of the system, with and without generation."""
    system = truth.hours.group_by("hour_start_utc", "hour_local").agg(
        net=pl.col("net").sum() / 1_000, use=(pl.col("net") - pl.col("solar")).sum() / 1_000
    )
    names = {"net": "net load", "use": "use, solar generation not taken off"}
    curves = pl.concat([_duration(system[column], label) for column, label in names.items()])
    top = float(curves["mw"].max() or 0)  # type: ignore[arg-type]
    peak = system.sort("net", "hour_start_utc").tail(1).to_dicts()[0]
    factor = system["net"].mean() / peak["net"]
    lines = (
        alt.Chart(curves)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X(
                "share:Q",
                title="share of the hours of the year",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y("mw:Q", title="MW", scale=alt.Scale(domain=[0, math.ceil(1.02 * top)])),
            color=alt.Color(
                "curve:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=["#3f88d9", "#e3a018"]),
                legend=alt.Legend(orient="top-right"),
            ),
        )
        .properties(width=WIDTH, height=260)
    )
    return picture(
        lines,
        f"The system peaks at {peak['net']:.2f} MW on {peak['hour_local']:%Y-%m-%d at %H:%M}; "
        f"its load factor is {factor:.2f}",
        f"Load-duration curve of all {truth.premises.height:,} premises, hourly means in MW, greatest first, "
        f"{truth.first} to {truth.last}",
    )


def _duration(power: pl.Series, label: str) -> pl.DataFrame:
    """A sample of a series in falling order, denser at its ends."""
    ordered = power.sort(descending=True)
    step = (pl.int_range(_CURVE_POINTS + 1, eager=True) / _CURVE_POINTS * math.pi).cos()
    place = ((1 - step) / 2 * (len(ordered) - 1)).round().cast(pl.Int64).unique(maintain_order=True)
    share = (place / len(ordered)).round(4)
    return pl.DataFrame(
        {"share": share, "mw": ordered.gather(place).round(4), "curve": pl.repeat(label, len(place), eager=True)}
    )


def draw_annual_energy(truth: Truth) -> Specification:
    """Energy that homes without panels use in a year."""
    energy = truth.annual.filter(customer_type=HOME)["use_kwh"]
    bins = (energy // _BIN_KWH * _BIN_KWH).clip(upper_bound=_LAST_BIN_KWH).alias("start")
    counts = bins.to_frame().group_by("start").len("homes").sort("start").with_columns(end=pl.col("start") + _BIN_KWH)
    found = {name: float(energy.quantile(share, "linear") or 0) for name, share in _QUANTILES.items()}
    worst = max(abs(found[name] / kwh - 1) for name, kwh in REFERENCE_KWH.items())
    marks = pl.DataFrame(
        [(kwh, f"{name} {kwh:,.0f}", source) for source, values in (("simulated", found), ("reference", REFERENCE_KWH))
         for name, kwh in values.items()],
        schema={"kwh": pl.Float64, "label": pl.String, "source": pl.String}, orient="row",
    )  # fmt: skip
    x_scale = alt.Scale(domain=[0, _LAST_BIN_KWH + _BIN_KWH])
    bars = alt.Chart(counts).mark_rect(color="#3f88d9", opacity=0.55).encode(
        x=alt.X("start:Q", title=f"kWh a year (last bar: {_LAST_BIN_KWH:,} and more)", scale=x_scale),
        x2="end:Q",
        y=alt.Y("homes:Q", title="homes"),
        y2=alt.datum(0),
    )  # fmt: skip
    top = int(counts["homes"].max() or 0)  # type: ignore[arg-type]
    heights = {"simulated": 1.18 * top, "reference": 1.08 * top}
    layers = [bars]
    for source, dash in (("simulated", [1, 0]), ("reference", [5, 4])):
        some = alt.Chart(marks.filter(source=source))
        layers.append(
            some.mark_rule(strokeDash=dash, strokeWidth=1.4).encode(
                x="kwh:Q", y=alt.datum(0), y2=alt.datum(heights[source])
            )
        )
        layers.append(
            some.mark_text(align="left", dx=4, dy=4).encode(x="kwh:Q", y=alt.datum(heights[source]), text="label:N")
        )
    return picture(
        alt.layer(*layers).properties(width=WIDTH, height=260),
        f"P10, P50 and P90 of homes lie within {math.ceil(100 * worst)} % of the reference",
        f"Energy used by {len(energy):,} homes without solar panels, {truth.first} to {truth.last}; "
        "full lines: simulated, dashed: reference",
    )


def draw_components(truth: Truth) -> Specification:
    """Components of an average summer and winter day."""
    panels = [_day(truth, title, months) for title, months in _SEASONS.items()]
    return picture(
        alt.hconcat(*panels).resolve_scale(y="shared", color="shared"),
        "Cooling makes the summer evening; solar generation takes noon away",
        "Mean of all premises by component, kW per premise, hourly means, local time; line: net load",
    )


def _day(truth: Truth, title: str, months: list[int]) -> alt.LayerChart:
    names = list(_COMPONENT_COLOURS)
    hours = truth.hours.filter(pl.col("hour_local").dt.month().is_in(months))
    sums = hours.group_by(hour=pl.col("hour_local").dt.hour().cast(pl.Int32)).agg(
        pl.sum("net", "premise_count", *COMPONENTS)
    )
    means = sums.select("hour", *((pl.col(name) / pl.col("premise_count")).round(4) for name in ("net", *names)))
    closed = pl.concat([means, means.filter(hour=0).with_columns(hour=pl.lit(24, pl.Int32))]).sort("hour")
    long = closed.unpivot(names, index="hour", variable_name="component", value_name="kw").with_columns(
        component=pl.col("component").str.replace("_", " "),
        order=pl.col("component").replace_strict(
            {name: place for place, name in enumerate(names)}, return_dtype=pl.Int32
        ),
    )
    labels = [name.replace("_", " ") for name in names]
    x = alt.X(
        "hour:Q", title="hour of the day", axis=alt.Axis(values=list(range(0, 25, 3))), scale=alt.Scale(domain=[0, 24])
    )
    colour = alt.Color(
        "component:N", title=None, sort=labels[::-1],
        scale=alt.Scale(domain=labels[::-1], range=list(_COMPONENT_COLOURS.values())[::-1]),
    )  # fmt: skip
    pile = alt.Chart(long).mark_area(opacity=0.85, interpolate="step-after").encode(
        x=x, y=alt.Y("kw:Q", title=None, stack="zero"), color=colour, order="order:Q"
    )  # fmt: skip
    net = alt.Chart(closed).mark_line(strokeWidth=2, interpolate="step-after", color=INK).encode(x=x, y="net:Q")
    heading = alt.TitleParams(title, fontSize=12, anchor="start", offset=6)
    return alt.LayerChart(layer=[pile, net], width=WIDTH // 2 - 40, height=280, title=heading)
