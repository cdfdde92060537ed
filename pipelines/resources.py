"""Dagster resources: the home folder."""

from pathlib import Path

import dagster as dg

from pipelines.home import Home


class HomeResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home folder that a run works on.

    Attributes:
        root: Its path; empty for the one named by METERHOUSE_HOME, else ./data.
    """

    root: str = ""

    def get(self) -> Home:
        """Paths below the home folder."""
        return Home(Path(self.root).resolve()) if self.root else Home.from_environment()
