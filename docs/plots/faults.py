"""Pictures of what goes wrong and who moves: defects of reads, mishaps of extracts, moves."""

import altair as alt
import polars as pl

from docs.plots.look import MUTED, WIDTH, Specification, picture
from docs.plots.truth import Truth
from sims.meters.kinds import PASSING

_MEASURED, _INTENDED = "measured", "intended"


def draw_defects(truth: Truth) -> Specification:
    """Share of meter-days that each kind of defect touches."""
    shares = {name: kind.share for name, kind in PASSING.items()} | truth.lasting_shares
    intended = pl.DataFrame({"defect_type": list(shares), "intended": list(shares.values())})
    meters = pl.when(pl.col("meter_count") == 1).then(pl.lit("meter")).otherwise(pl.lit("meters"))
    label = pl.format("{} days of {} {}", "meter_days", "meter_count", meters)
    kinds = truth.defects.join(intended, on="defect_type", how="left").sort("meter_days", descending=True)
    kinds = kinds.with_columns(label=label, share=pl.col("share").round(6))
    order = kinds["defect_type"].to_list()
    y = alt.Y("defect_type:N", sort=order, title=None)
    scale = alt.Scale(type="log", domain=[1e-5, 0.5])
    width = WIDTH - 160
    axis = alt.Axis(values=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1], format=".3~%", grid=True)
    x = alt.X("share:Q", scale=scale, axis=axis, title="share of meter-days (logarithmic)")
    colour = alt.Scale(domain=[_MEASURED, _INTENDED], range=["#d1493f", MUTED])
    base = alt.Chart(kinds)
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=x, y=y, color=alt.Color("series:N", title=None, scale=colour)
    )
    ticks = base.mark_tick(thickness=2, size=14).encode(x=alt.X("intended:Q", scale=scale), y=y, color="series:N")
    text = base.mark_text(align="right", dx=-8).encode(x=alt.value(width), y=y, text="label:N")
    layers = [
        ticks.transform_calculate(series=f"'{_INTENDED}'"),
        dots.transform_calculate(series=f"'{_MEASURED}'"),
        text,
    ]
    return picture(
        alt.layer(*layers).properties(width=width, height=360),
        "Late days and gaps are everyday matters, resets of registers rarities; every kind occurs",
        f"Defects of reads by kind, share of {truth.meter_days:,} meter-days of {truth.people('meters').height:,} "
        "meters; tick: rate that the simulator aims at",
    )


def draw_mishaps(truth: Truth) -> Specification:
    """Mishaps of extracts by system and kind."""
    names = [truth.mishaps.select(pl.col(key).unique()) for key in ("system_code", "mishap_kind")]
    all_cells = names[0].join(names[1], how="cross").join(truth.mishaps, on=["system_code", "mishap_kind"], how="left")
    kinds = all_cells.with_columns(
        pl.col("count").fill_null(0), mishap_kind=pl.col("mishap_kind").str.replace_all("_", " ")
    ).sort("mishap_kind", "system_code")
    base = alt.Chart(kinds).encode(
        x=alt.X("system_code:N", title=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("mishap_kind:N", title=None),
    )
    cells = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color(
            "count:Q", title=None, legend=None, scale=alt.Scale(domain=[0, 8], range=["#eef4fb", "#3f88d9"])
        )
    )
    text = base.mark_text(fontSize=12, color="#1b1f24").encode(text="count:Q")
    return picture(
        alt.layer(cells, text).properties(width=420, height=230),
        "Each system's files break, come twice, come late or stay out",
        "Mishaps of extracts over the whole history by system and kind, number of files or rows",
    )


def draw_moves(truth: Truth) -> Specification:
    """Moves by month."""
    most = int(truth.moves["count"].max() or 0)  # type: ignore[arg-type]
    bars = (
        alt.Chart(truth.moves)
        .mark_bar()
        .encode(
            x=alt.X("usage_month:O", title=None, axis=alt.Axis(labelAngle=0)),
            xOffset="kind:N",
            y=alt.Y("count:Q", title="moves", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(domain=[0, most + 1])),
            color=alt.Color(
                "kind:N", title=None, scale=alt.Scale(domain=["moved in", "moved out"], range=["#2ca58d", "#d1493f"])
            ),
        )
        .properties(width=WIDTH - 60, height=180)
    )
    moves = truth.people("moves")
    stayed = moves.drop_nulls(["from_account_id", "to_account_id"]).height
    return picture(
        bars,
        f"{moves.height} households and businesses move in {truth.moves['usage_month'].n_unique()} months, "
        f"{stayed} of them within the territory",
        "Moves into and out of premises by month",
    )
