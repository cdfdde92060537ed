"""The demo: a simulated utility's files in landing/, for homes without data at hand."""

from pipelines.home import Home
from pipelines.progress import say
from sims.feed import SCALES, simulate

SCALE_FILE = ".scale"


class DemoError(RuntimeError):
    """The demo cannot be laid into this home; the message says why."""


def simulate_into(home: Home, scale_name: str) -> None:
    """Write the simulated files of a scale, unless the home has them already.

    Raises:
        DemoError: The home holds another scale's files.
    """
    marker = home.landing / SCALE_FILE
    known = marker.read_text(encoding="utf-8") if marker.exists() else None
    if known == scale_name:
        say(f"simulated utility ({scale_name}): already in {home.landing}")
        return
    if known is not None:
        raise DemoError(
            f"{home.root} holds the simulated utility at scale {known}; name another home with METERHOUSE_HOME"
        )
    with home.lock():
        result = simulate(home.landing, home.truth, SCALES[scale_name], report=say)
        marker.write_text(scale_name, encoding="utf-8")
    faults = ", ".join(f"{count:,} {name}" for name, count in sorted(result.fault_counts.items()))
    say(f"simulated utility ({scale_name}): {result.read_count:,} reads sent; faults: {faults}")
