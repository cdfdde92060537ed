"""Draws predicted against realised savings, from what the acceptance tests wrote down."""

from pathlib import Path

import altair as alt
import polars as pl

from docs.plots.look import INK, MUTED, WIDTH, Specification, picture, save

FOLDER = Path(__file__).parent.parent / "options"
RECORD = FOLDER / "followed.csv"


def draw_followed(followed: pl.DataFrame) -> Specification:
    """One point per account: what its first recommendation promised, and what it would have saved a year later.

    Args:
        followed: predicted_usd, realised_usd, is_illustrative.
    """
    named = followed.with_columns(
        rests=pl.when("is_illustrative").then(pl.lit("with programs (illustrative)")).otherwise(pl.lit("rates alone"))
    )
    data = alt.Data(values=named.to_dicts())
    most = max(float(followed.select(pl.max_horizontal("predicted_usd", "realised_usd").max()).item() or 1), 1)
    line = (
        alt.Chart(alt.Data(values=[{"x": 10, "y": 10}, {"x": most, "y": most}]))
        .mark_line(color=MUTED, strokeDash=[4, 4])
        .encode(x="x:Q", y="y:Q")
    )
    points = (
        alt.Chart(data)
        .mark_point(filled=True, opacity=0.65, size=36)
        .encode(
            x=alt.X(
                "predicted_usd:Q", title="predicted saving, USD a year", scale=alt.Scale(type="symlog", constant=30)
            ),
            y=alt.Y("realised_usd:Q", title="saving a year later, USD", scale=alt.Scale(type="symlog", constant=30)),
            color=alt.Color("rests:N", title=None, scale=alt.Scale(range=[INK, "#d1493f"])),
        )
    )
    worse = followed.filter(pl.col("realised_usd") < 0).height
    return picture(
        (line + points).properties(width=WIDTH, height=380),
        "What recommendations promised, and what they would have saved a year later",
        f"First recommendations of {followed.height} simulated accounts, both years priced alike; {worse} worse off",
    )


def main() -> None:
    """Draw the picture from the record."""
    save(FOLDER / "followed.svg", draw_followed(pl.read_csv(RECORD)))


if __name__ == "__main__":
    main()
