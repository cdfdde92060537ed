"""Billing periods and usage cells, from which every rate is priced."""

import dagster as dg

from models.tables.rates import BILLING_PERIODS, RATE_TABLES
from pipelines.offers import tariffs
from pipelines.progress import say
from pipelines.rates.bill_advice import INPUTS as ADVICE_READ
from pipelines.rates.bill_advice import write_bill_changes, write_forecasts
from pipelines.rates.bills import INPUTS as BILLS_READ
from pipelines.rates.bills import reprice_bills
from pipelines.rates.cells import INPUTS, build_cells
from pipelines.resources import HomeResource


@dg.multi_asset(
    name="rates",
    group_name="analytics",
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[dg.AssetKey(source.key) for source in dict.fromkeys((*INPUTS, *BILLS_READ, *ADVICE_READ))],
            description=table.schema.__doc__,
            kinds={"parquet"},
        )
        for table in RATE_TABLES
    ],
)
def rates(home: HomeResource) -> object:
    """Billing periods, and the cells of the months whose reads, bills or prices changed."""
    written = build_cells(home.get(), tariffs())
    anew = reprice_bills(home.get(), tariffs())
    write_bill_changes(home.get(), tariffs())
    under_way = write_forecasts(home.get(), tariffs())
    say(f"bills: {anew:,} priced once more, {under_way:,} under way")
    say(f"rates: {written.period_count:,} billing periods, cells of {len(written.months)} months gathered")
    for table in RATE_TABLES:
        metadata: dict[str, dg.RawMetadataValue] = {"months_gathered": list(written.months)}
        if table is BILLING_PERIODS:
            metadata["dagster/row_count"] = written.period_count
        yield dg.MaterializeResult(asset_key=table.key, metadata=metadata)
