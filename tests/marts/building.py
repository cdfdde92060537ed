"""A small home from hand-made reads and raw rows of extracts to published marts, without the orchestrator."""

from collections.abc import Mapping

import polars as pl

from models.tables.extracts import RAW_EXTRACTS
from models.tables.raw import FILES
from pipelines import lake
from pipelines.analytics import build_analytics
from pipelines.dbt_build import build, failure
from pipelines.entities import build_entities
from pipelines.freshness import build_feeds
from pipelines.home import Home
from pipelines.offers import comparison_reference, tariffs
from pipelines.publish import publish
from pipelines.rates.bill_advice import write_bill_changes, write_forecasts
from pipelines.rates.bills import reprice_bills
from pipelines.rates.cells import build_cells
from pipelines.rates.comparison import build_comparison
from pipelines.reference import audit_rules, usage_settings, vee_settings
from pipelines.validate import stale_months, validate_months, write_rules
from tests.entities.extracts import SENT


def write_extracts(home: Home, rows: Mapping[str, pl.DataFrame], file_id: str) -> None:
    """Write raw rows as one landing file of outside systems would leave them, with its place in the ledger."""
    count = sum(frame.height for frame in rows.values())
    ledger = FILES.empty().clear(1).with_columns(
        file_id=pl.lit(file_id), sha256=pl.lit(file_id.ljust(64, "0")), file_name=pl.lit(f"css/{file_id}.csv"),
        feed=pl.lit("css"), format_code=pl.lit("extract"), status_code=pl.lit("loaded"), size_bytes=pl.lit(0),
        received_at_utc=pl.lit(SENT), system_code=pl.lit("CSS"), sent_at_utc=pl.lit(SENT),
        customer_class=pl.lit("unclassified"), is_synthetic=pl.lit(True), sent_count=pl.lit(count),
        loaded_count=pl.lit(count), quarantined_count=pl.lit(0),
    )  # fmt: skip
    lake.write_frame(ledger.select(FILES.columns.keys()), FILES, lake.table_folder(home, FILES) / f"{file_id}.parquet")
    for name, frame in rows.items():
        table = RAW_EXTRACTS[name]
        part = frame.with_columns(file_id=pl.lit(file_id)).select(table.columns.keys())
        lake.write_frame(part, table, lake.table_folder(home, table) / f"{file_id}.parquet")


MODELS = ("--resource-type", "model")


def build_lake(home: Home) -> None:
    """Entities and feeds, validation of what changed, usage models, cells, bills and comparisons.

    Args:
        home: Home folder.
    """
    build_entities(home)
    build_feeds(home)
    validate_months(home, vee_settings(), stale_months(home, vee_settings()), lambda _: None)
    write_rules(home, vee_settings())
    build_analytics(home, usage_settings(), audit_rules())
    build_cells(home, tariffs())
    reprice_bills(home, tariffs())
    write_bill_changes(home, tariffs())
    write_forecasts(home, tariffs())
    build_comparison(home, comparison_reference())


def build_database(home: Home, *dbt_options: str) -> None:
    """The private build from a lake that is current, and a new generation of it.

    Args:
        home: Home folder.
        dbt_options: What dbt builds; the models alone where nothing is said.
    """
    results = build(home, *(dbt_options or MODELS))
    assert failure(home, results) is None
    publish(home)


def build_marts(home: Home) -> None:
    """Lake, private build and a new generation.

    Args:
        home: Home folder.
    """
    build_lake(home)
    build_database(home)
