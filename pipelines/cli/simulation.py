"""Verbs of the simulated utility."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli.console import Json, one_sentence, refuse, require_reference, show_result
from pipelines.home import Home
from pipelines.text import counted

_OF_THE_OPENING = ("scale", "months", "seed")
"""Options that name the world."""


class ScaleName(StrEnum):
    """Sizes of the simulated utility."""

    tiny = "tiny"
    demo = "demo"
    full = "full"


ScaleOfUtility = Annotated[ScaleName, typer.Option("--scale", help="Size of the simulated utility.")]
Months = Annotated[
    int, typer.Option(min=2, max=60, help="Months of opening history; 26 let a year be compared with the one before.")
]


def demo(scale: ScaleOfUtility = ScaleName.demo, months: Months = 14) -> None:
    """Simulate a utility, run the whole main job and show where the marts are."""
    require_reference()
    from pipelines.run import NothingToRunError, RunFailedError, run
    from pipelines.simulation import SimulationError, prepare_demo
    from pipelines.summary import mishaps, summary

    home = Home.from_environment()
    with one_sentence(SimulationError, NothingToRunError, RunFailedError):
        prepare_demo(home, scale.value, months)
        run(home)
    typer.echo(f"{summary(home)}\n\n{mishaps(home)}")


def simulate(
    context: typer.Context,
    scale: ScaleOfUtility = ScaleName.demo,
    months: Months = 14,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random stream: another seed, another world.")] = 7,
    days: Annotated[
        int | None, typer.Option("--advance", min=1, metavar="N", help="Play N more days of the home's utility.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play a simulated utility: its systems' files go to landing/, the answer key to truth/."""
    given = [f"--{name}" for name in _OF_THE_OPENING if _is_given(context, name)]
    if days is not None and given:
        refuse(f"--advance plays the home's own utility on, whose world is named already; leave out {', '.join(given)}")
    require_reference()
    from pipelines.simulation import SimulationError, open_utility, play_on

    home = Home.from_environment()
    with one_sentence(SimulationError):
        sent = open_utility(home, scale.value, months, seed) if days is None else play_on(home, days)
    held = [
        counted(sent.read_count, "interval read"),
        counted(sent.register_count, "register reading"),
        counted(sent.event_count, "meter event"),
    ]
    text = (
        f"{counted(sent.file_count, 'file')} ({sent.repeated_file_count:,} of them the same bytes again) with "
        f"{', '.join(held)} and {counted(sent.row_count, 'row')} of extracts in {home.landing}; next: meterhouse run"
    )
    show_result(asdict(sent), as_json, text)


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
