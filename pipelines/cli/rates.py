"""Verbs about rates: tariffs and loads in files."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import QUARANTINED, Json, one_sentence, refuse, show_result, terminal_width, usage


def price(
    tariff: Annotated[Path, typer.Argument(metavar="TARIFF.json", help="A tariff in the form of URDB.")],
    load: Annotated[
        Path,
        typer.Argument(
            metavar="LOAD.csv",
            help="interval_start_local or interval_start_utc, and kwh; 15, 30 or 60 minutes; exports are negative.",
        ),
    ],
    time_zone: Annotated[
        str | None, typer.Option(help="IANA time zone of the load, if in UTC or on a clock that is changed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Price a load under a tariff of the Utility Rate Database: a bill for each calendar month.

    Ends with exit code 3 where the tariff is refused because its bills would be wrong.
    """
    from pipelines.rates.load_file import LoadFileError, TimeZoneNeededError
    from pipelines.rates.price_files import price_file
    from pipelines.rates.tariff_file import TariffFileError

    if time_zone is not None:
        from models.clock import check_time_zone

        try:
            check_time_zone(time_zone)
        except ValueError as error:
            refuse(str(error))
    with one_sentence(TariffFileError, LoadFileError), usage(TimeZoneNeededError):
        priced = price_file(tariff, load, time_zone)
    show_result(priced.document(), as_json, priced.text())
    for remark in priced.remarks:
        typer.echo(f"meterhouse: {remark}", err=True)
    if priced.refusal is not None:
        raise typer.Exit(QUARANTINED)


def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A tariff in the form of URDB, or a file of tariff data in YAML.")
    ],
    as_json: Json = False,
) -> None:
    """What a tariff file is, what it charges, what is refused and why, and what is only to be known.

    Ends with exit code 3 where something is refused.
    """
    from pipelines.rates.check_files import check_file
    from pipelines.rates.tariff_file import TariffFileError

    with one_sentence(TariffFileError):
        report = check_file(file)
    show_result(report.document(), as_json, report.text(terminal_width()))
    if report.refused:
        raise typer.Exit(QUARANTINED)
