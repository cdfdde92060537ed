"""Draws the pictures of `docs/simulation.md` from the answer key of a home: `python -m docs.plots.simulation HOME`.

The committed ones are those of scale demo, seed 7.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from docs.plots.faults import draw_defects, draw_mishaps, draw_moves
from docs.plots.loads import draw_annual_energy, draw_components, draw_load_duration
from docs.plots.look import Specification, save
from docs.plots.truth import Truth, read_truth
from docs.plots.weeks import draw_temperatures, draw_weeks_by_customer, draw_weeks_by_zone

FOLDER = Path(__file__).parent.parent / "simulation"

PICTURES: dict[str, Callable[[Truth], Specification]] = {
    "weeks_by_zone": draw_weeks_by_zone,
    "weeks_by_customer": draw_weeks_by_customer,
    "load_duration": draw_load_duration,
    "annual_energy": draw_annual_energy,
    "components": draw_components,
    "temperatures": draw_temperatures,
    "defects": draw_defects,
    "mishaps": draw_mishaps,
    "moves": draw_moves,
}
"""Pictures by file name."""


def main() -> None:
    """Draw every picture."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m docs.plots.simulation HOME")
    truth = read_truth(Path(sys.argv[1]))
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        save(FOLDER / f"{name}.svg", draw(truth))


if __name__ == "__main__":
    main()
