"""The daily job and its schedule."""

from datetime import date

import dagster as dg

from pipelines.months import month_of
from pipelines.partitions import range_tags
from pipelines.reference import territory, vee_settings
from pipelines.resources import HomeResource
from pipelines.validate import stale_months

daily_job = dg.define_asset_job(
    "daily_job",
    selection=dg.AssetSelection.all(),
    description="Landing to published marts. Months whose inputs are unchanged cost nothing.",
)


@dg.schedule(
    job=daily_job,
    cron_schedule="0 5 * * *",
    execution_timezone=territory().time_zone,
    description="Every morning at five, local time of the service territory.",
)
def daily_schedule(context: dg.ScheduleEvaluationContext, home: HomeResource) -> dg.RunRequest:
    """One run from the oldest month with unprocessed changes to the present one."""
    today: date = context.scheduled_execution_time.date()
    first = min([*stale_months(home.get(), vee_settings()), month_of(today)])
    return dg.RunRequest(run_key=today.isoformat(), tags=range_tags(first, month_of(today)))
