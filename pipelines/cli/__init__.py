"""The `meterhouse` command.

Verbs only parse arguments, call one function and print. What a verb needs is imported when it runs, so that those
which answer questions start at once.

Exit codes: 0 done, 1 failed, 2 wrong usage (both with a sentence on standard error), 3 done, but something of the input
is in quarantine/ or was refused, 4 published, but a feed is stale.
"""

from importlib.metadata import version
from typing import Annotated

import typer

from pipelines.cli.account_rates import AccountFirst, account
from pipelines.cli.answers import explain, green_button, query, tables
from pipelines.cli.daily import doctor, run
from pipelines.cli.editing import edit
from pipelines.cli.history import as_of
from pipelines.cli.intake import check, ingest, show
from pipelines.cli.rates import check as check_rates
from pipelines.cli.rates import price
from pipelines.cli.reports import data_quality
from pipelines.cli.simulation import demo, simulate

app = typer.Typer(
    help="Meterhouse: an open meter data warehouse for electric utilities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meterhouse {version('meterhouse')}")
        raise typer.Exit


@app.callback()
def _meterhouse(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Meterhouse: an open meter data warehouse for electric utilities."""


contract = typer.Typer(help="Hold files against what Meterhouse reads.", no_args_is_help=True)
export = typer.Typer(help="Write published usage in the formats of other systems.", no_args_is_help=True)
rates = typer.Typer(
    help="What options cost an account (rates ACCOUNT), what a load costs, what tariffs say.",
    cls=AccountFirst,
    no_args_is_help=True,
)
report = typer.Typer(help="Write published figures as pages to read, print and forward.", no_args_is_help=True)
app.command()(demo)
app.command()(simulate)
app.command()(ingest)
app.add_typer(contract, name="contract")
contract.command()(check)
contract.command()(show)
app.command()(run)
app.command()(edit)
app.command()(query)
app.command()(tables)
app.command()(explain)
app.add_typer(export, name="export")
export.command()(green_button)
app.command("as-of")(as_of)
app.add_typer(rates, name="rates")
rates.command()(account)
rates.command()(price)
rates.command("check")(check_rates)
app.add_typer(report, name="report")
report.command()(data_quality)
app.command()(doctor)
