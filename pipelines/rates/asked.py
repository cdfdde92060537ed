"""Behaviours that someone asks for: shares, names, or a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from models.documents import DocumentError, Node
from models.options.scenarios import (
    COMBINED,
    ONE,
    PARTICIPATE,
    REDUCE,
    REDUCE_ON_PEAK,
    SHIFT_ON_PEAK,
    Scenario,
    scenarios_from,
)

_WORDS = {
    REDUCE: "all use saved",
    REDUCE_ON_PEAK: "the use from 16 to 21 h saved",
    SHIFT_ON_PEAK: "the use from 16 to 21 h moved to other hours",
}


class ScenarioFileError(RuntimeError):
    """There is no such behaviour, or its file cannot be read; the message says why."""


def scenario_named(known: Sequence[Scenario], name: str, path: Path) -> Scenario:
    """A behaviour by its id, or the last one of a file in the form of data/reference/scenarios.yml.

    Args:
        known: Behaviours of the reference data.
        name: Id of one of them.
        path: Where a file would be.

    Raises:
        ScenarioFileError: There is neither.
        DocumentError: The file has mistakes, a sentence each.
    """
    for scenario in known:
        if scenario.scenario_id == name:
            return scenario
    if not path.is_file():
        ids = ", ".join(scenario.scenario_id for scenario in known)
        raise ScenarioFileError(f"there is neither a behaviour nor a file {name}; behaviours are {ids}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioFileError(f"{path.name} is no YAML text: {' '.join(str(error).split())}") from None
    found = scenarios_from(Node(path.name, "", content, []))
    if not found:
        raise DocumentError([f"{path.name}: scenarios must name at least one behaviour"])
    return found[-1]


def behaviours(shares: Mapping[str, float], level: str | None) -> list[Scenario]:
    """Behaviours by shares of use and by what is done in events.

    Args:
        shares: Share from 0 to 1 by kind: `reduce`, `reduce_on_peak`, `shift_on_peak`.
        level: low, typical or high; None for nothing.
    """
    asked = [
        Scenario(kind, f"{100 * ratio:.4g} % of {_WORDS[kind]}", kind, ratio=round(ratio * ONE))
        for kind, ratio in shares.items()
    ]
    if level is not None:
        name = f"{level} drops in events"
        asked.append(Scenario(PARTICIPATE, name, PARTICIPATE, status="illustrative", level=level))
    return asked


def together(asked: Sequence[Scenario]) -> Scenario | None:
    """Behaviours one after the other, as one; None for nothing."""
    if len(asked) < 2:
        return asked[0] if asked else None
    parts = tuple(part for scenario in asked for part in (scenario.parts or (scenario,)))
    return Scenario(COMBINED, ", then ".join(scenario.scenario_name for scenario in asked), COMBINED, parts=parts)
