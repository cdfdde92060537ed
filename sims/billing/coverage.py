"""Whether a tariff book has what the bills of a world need."""

from typing import Any

from models.documents import DocumentError
from models.tariffs import History, TariffBook
from sims.world.frames import World


def check_coverage(book: TariffBook, world: World) -> None:
    """Refuse tariffs that lack a rate schedule, a baseline region or a date of a world.

    Raises:
        DocumentError: With one sentence per mistake.
    """
    codes = sorted(world.accounts["rate_code"].unique())
    mistakes = [
        f"the tariff folder lacks {code}.yml, a rate of the simulated utility's accounts"
        for code in codes
        if code not in book.tariffs
    ]
    histories: list[History[Any]] = [book.tariffs[code].history for code in codes if code in book.tariffs]
    histories += [book.baseline, *book.discounts.values(), book.net_metering, book.surcharges]
    for history in histories:
        begin = history.versions[0].effective_date
        if begin > world.first_date:
            mistakes.append(f"{history.name} has versions from {begin} on only; the history begins {world.first_date}")
    for region in sorted(world.premises["baseline_region"].unique()):
        for version in book.baseline.versions:
            if region not in version.content.regions:
                mistakes.append(
                    f"baseline.yml: the version of {version.effective_date} lacks region {region} of the territory"
                )
    if mistakes:
        raise DocumentError(mistakes)
