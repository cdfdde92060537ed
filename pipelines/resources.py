"""Dagster resources: the home folder and the dbt command."""

import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from pipelines.home import REPOSITORY, Home

DBT_EXECUTABLE = str(Path(sys.executable).with_name("dbt"))
dbt_project = DbtProject(project_dir=REPOSITORY / "dbt_project")


class HomeResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home folder that a run works on.

    Attributes:
        root: Its path; empty for the one named by METERHOUSE_HOME, else ./data.
    """

    root: str = ""

    def get(self) -> Home:
        """Paths below the home folder."""
        return Home(Path(self.root).resolve()) if self.root else Home.from_environment()


def dbt_resource() -> DbtCliResource:
    """The dbt of this environment, on this project."""
    return DbtCliResource(project_dir=dbt_project, dbt_executable=DBT_EXECUTABLE)
