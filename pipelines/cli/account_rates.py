"""What rates, programs and bundles would cost an account."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.cli.console import Json, one_sentence, refuse, show_result, terminal_width
from pipelines.home import Home

_LEVELS = ("low", "typical", "high")
_ACCOUNT = "account"


class AccountFirst(TyperGroup):
    """A group whose first word may be an account instead of a verb."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb before an account, or before options of it."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_ACCOUNT, *args]
        return super().parse_args(ctx, args)


def account(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account that is served.")],
    reduce: Annotated[float | None, typer.Option(help="Share of all use that is saved, as 0.1.")] = None,
    reduce_peak: Annotated[float | None, typer.Option(help="Share of the use from 16 to 21 h that is saved.")] = None,
    shift_peak: Annotated[
        float | None, typer.Option(help="Share of the use from 16 to 21 h that is moved to other hours.")
    ] = None,
    participate: Annotated[
        str | None, typer.Option(help="What is done in events of programs: low, typical or high.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="A published behaviour (dim_scenarios), or a YAML file with one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Every option of an account with its cost: last twelve bills at today's prices, as used or with a behaviour."""
    from pipelines.offers import comparison_reference
    from pipelines.query import QueryError
    from pipelines.rates.answer import answer
    from pipelines.rates.answer_text import document, text
    from pipelines.rates.asked import ScenarioFileError, behaviours, scenario_named, together

    shares = {"reduce": reduce, "reduce_on_peak": reduce_peak, "shift_on_peak": shift_peak}
    for option, ratio in zip(("--reduce", "--reduce-peak", "--shift-peak"), shares.values(), strict=True):
        if ratio is not None and not 0 <= ratio <= 1:
            refuse(f"{option} is a share from 0 to 1, not {ratio:g}")
    if participate is not None and participate not in _LEVELS:
        refuse(f"--participate is low, typical or high, not {participate}")
    with one_sentence(QueryError, ScenarioFileError):
        reference = comparison_reference()
        asked = behaviours({kind: ratio for kind, ratio in shares.items() if ratio is not None}, participate)
        if scenario is not None:
            asked.append(scenario_named(reference.scenarios, scenario, Path(scenario)))
        found = answer(Home.from_environment(), reference, account_id, together(asked))
    show_result(document(found), as_json, text(found, terminal_width()))
