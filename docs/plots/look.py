"""The look of the pictures: fonts, colours by day and by night, and deterministic SVG."""

import re
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

Specification = dict[str, Any]
"""A picture in the Vega-Lite language."""

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart

WIDTH = 780
"""Width of a picture without its axes and legend, pixels."""

ZONE_COLOURS = {"coast": "#3f88d9", "inland": "#2ca58d", "valley": "#e3a018", "desert": "#d1493f"}
MUTED = "#8b949e"
INK = "#24292f"
"""Text and lines without a colour of their own; light by night."""

_PAPER, _LINE = "#ffffff", "#d8dee4"
_BY_NIGHT = {INK: "#e6edf3", _PAPER: "#0d1117", _LINE: "#343b44"}
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_PLACES = re.compile(r' (?:d|transform)="[^"]*"')
_DIGITS = re.compile(r"-?\d+\.\d{3,}")


def picture(chart: Drawing, title: str, subtitle: str) -> Specification:
    """A Vega-Lite specification with title and look.

    Args:
        chart: Marks and scales.
        title: What one sees.
        subtitle: What is shown: quantity, unit, dates.
    """
    heading = alt.TitleParams(title, subtitle=subtitle, anchor="start", offset=14)
    specification: Specification = chart.properties(title=heading).configure(**_config()).to_dict()
    return specification


def save(path: Path, specification: Specification) -> None:
    """Draw a specification as SVG: the same bytes for the same specification, dark where the reader's screen is."""
    svg = vl_convert.vegalite_to_svg(specification)
    svg = _PLACES.sub(lambda place: _DIGITS.sub(_hundredths, place[0]), svg)
    head, body = svg.split(">", 1)
    path.write_text(f"{head}><style>{_night()}</style>{body}\n", encoding="utf-8", newline="\n")


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _night() -> str:
    rules = [
        f'[{attribute}="{day}"]{{{attribute}:{night}}}'
        for day, night in _BY_NIGHT.items()
        for attribute in ("fill", "stroke")
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _config() -> dict[str, Any]:
    text = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }
    return {
        "background": _PAPER,
        "font": _FONT,
        "padding": 12,
        "title": {"color": INK, "subtitleColor": INK, "fontSize": 15, "subtitleFontSize": 12, "subtitlePadding": 5},
        "axis": {**text, "gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE},
        "legend": {**text, "symbolStrokeWidth": 3, "symbolSize": 120, "labelLimit": 400},
        "header": {**text, "labelFontSize": 12, "labelFontWeight": "bold"},
        "view": {"stroke": _LINE},
        "text": {"color": INK, "fontSize": 11},
        "rule": {"color": INK},
    }
