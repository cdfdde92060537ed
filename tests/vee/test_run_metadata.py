"""What a run tells the orchestrator: how many meter-days it judged, and how many came out otherwise."""

from datetime import date, timedelta

import dagster as dg
import pytest

from models.tables.vee import EDITED_INTERVAL_READS
from pipelines.assets.vee import vee
from pipelines.partitions import range_tags
from pipelines.resources import HomeResource
from tests.vee.conftest import Warehouse
from tests.vee.worlds import RECEIVED, file, reads


@pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations
@pytest.mark.req("NFR-10", part="data")
def test_a_late_file_judges_no_more_than_rests_on_it(warehouse: Warehouse) -> None:
    everyone = [row for n in range(5) for row in reads(f"M{n}", date(2025, 11, 1), date(2025, 11, 20), 60)]
    late = [row for row in everyone if row.meter_id == "M3" and row.start.day == 12]
    warehouse.deliver([file("first", [row for row in everyone if row not in late])])
    assert _run(warehouse) == {"meter_days_judged": 100, "meter_days_restated": 100, "months_recomputed": 1}
    assert _run(warehouse) == {"meter_days_judged": 0, "meter_days_restated": 0, "months_recomputed": 0}
    warehouse.deliver([file("late", late, RECEIVED + timedelta(days=1))])
    # Judged from the day before the local date on which the late reads begin, to the meter's last one.
    assert _run(warehouse) == {"meter_days_judged": 11, "meter_days_restated": 2, "months_recomputed": 1}


def _run(warehouse: Warehouse) -> dict[str, object]:
    """Counts in the metadata of the validated reads, as materialized by the orchestrator."""
    warehouse.build_entities()
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [vee],
            resources={"home": HomeResource(root=str(warehouse.home.root))},
            instance=instance,
            tags=range_tags("2025-11", "2025-11"),
        )
    (event,) = [
        m
        for m in result.asset_materializations_for_node("vee")
        if m.asset_key == dg.AssetKey(EDITED_INTERVAL_READS.key)
    ][:1]
    return {
        name: event.metadata[name].value for name in ("meter_days_judged", "meter_days_restated", "months_recomputed")
    }
