"""What every option would cost every customer."""

import dagster as dg

from models.tables.options import OPTION_COSTS, OPTION_TABLES
from pipelines.offers import comparison_reference
from pipelines.progress import say
from pipelines.rates.comparison import INPUTS, build_comparison
from pipelines.resources import HomeResource


@dg.multi_asset(
    name="options",
    group_name="analytics",
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[dg.AssetKey(source.key) for source in INPUTS],
            description=table.schema.__doc__,
            kinds={"parquet"},
        )
        for table in OPTION_TABLES
    ],
)
def options(home: HomeResource) -> object:
    """Costs of options under behaviours, for the accounts whose bills, use or terms changed."""
    compared = build_comparison(home.get(), comparison_reference())
    say(f"options: {compared.account_count:,} accounts can be compared, {compared.priced_count:,} priced anew")
    for table in OPTION_TABLES:
        metadata: dict[str, dg.RawMetadataValue] = {}
        if table is OPTION_COSTS:
            metadata = {"accounts": compared.account_count, "accounts_priced": compared.priced_count}
        yield dg.MaterializeResult(asset_key=table.key, metadata=metadata)
