"""Top-level orchestration: what Dagster loads. Implementations live in the modules named here."""

import dagster as dg

from pipelines.assets.analytics import analytics
from pipelines.assets.entities import entities
from pipelines.assets.feeds import feeds
from pipelines.assets.options import options
from pipelines.assets.rates import rates
from pipelines.assets.raw import landing_files, raw
from pipelines.assets.vee import vee
from pipelines.assets.warehouse import dbt_models, generation
from pipelines.checks import feeds_are_fresh, raw_gate, vee_gate
from pipelines.jobs import daily_job, daily_schedule
from pipelines.resources import HomeResource


def build_defs(home: HomeResource | None = None) -> dg.Definitions:
    """Fresh definitions, on the given home."""
    dbt = dbt_models()
    marts = sorted(key for key in dbt.keys if key.path[0] == "marts")
    return dg.Definitions(
        assets=[landing_files, raw, entities, feeds, vee, analytics, rates, options, dbt, generation(marts)],
        asset_checks=[raw_gate, vee_gate, feeds_are_fresh],
        jobs=[daily_job],
        schedules=[daily_schedule],
        resources={"home": home or HomeResource()},
        executor=dg.in_process_executor,
    )


defs = build_defs()
