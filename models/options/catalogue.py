"""The options that a utility offers: every rate, alone and with every set of programs that may be held beside it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from models.options.settings import ComparisonSettings
from models.programs import Program
from models.tariffs import Tariff, TariffBook
from models.tariffs.book import DISCOUNTS

OPTION_TYPES = ("rate", "program", "bundle")
"""A rate alone, a rate with one program or discount, a rate with several."""
_PRICED_TYPE, _MEASURE_TYPE, _BUNDLE_TYPE = "dr", "ee", "bundle"
_DISCOUNT_NAMES = {"care": "CARE", "fera": "FERA"}
_RESIDENTIAL = "residential"


@dataclass(frozen=True)
class Option:
    """What a customer could hold.

    Attributes:
        option_id: Key: the rate, and what is held beside it, joined by plus signs; a named bundle has its own.
        option_name: Name for people.
        option_type: One of `OPTION_TYPES`.
        rate_code: The rate schedule.
        program_ids: Programs held beside it, sorted.
        discount: `care` or `fera` for the rate under a discount that the account does not have yet; else None.
        is_priced: False where the effect on bills is not known.
        is_illustrative: True where prices, programs or expected events are not sourced.
    """

    option_id: str
    option_name: str
    option_type: str
    rate_code: str
    program_ids: tuple[str, ...]
    discount: str | None
    is_priced: bool
    is_illustrative: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """Rate, programs and discount."""
        return (self.rate_code, *self.program_ids, *([_DISCOUNT_NAMES[self.discount]] if self.discount else []))


def options(
    book: TariffBook,
    programs: Mapping[str, Program],
    settings: ComparisonSettings,
    held: Iterable[tuple[str, tuple[str, ...]]] = (),
) -> tuple[Option, ...]:
    """All options, in the order of rates and of the number of their parts.

    Args:
        book: Rates.
        programs: Programs by id.
        settings: Events that are expected; they tell whether an option is illustrative.
        held: Rates and sorted programs that accounts hold together, which are options even where they should not be.
    """
    named = {
        (part.rate_code, tuple(sorted(other for other in bundle.parts if other != part.program_id))): bundle
        for bundle in programs.values()
        if bundle.program_type == _BUNDLE_TYPE
        for part in (programs[name] for name in bundle.parts)
        if part.rate_code is not None
    }
    found: dict[str, Option] = {}
    for tariff in book.tariffs.values():
        sets = [*_sets(tariff, programs), *(ids for rate, ids in sorted(set(held)) if rate == tariff.rate_code)]
        for program_ids in sets:
            bundle = named.get((tariff.rate_code, program_ids))
            option = _option(tariff, [programs[name] for name in program_ids], settings, bundle)
            found.setdefault(option.option_id, option)
        for discount in _discounts(tariff):
            option = _discounted(book, tariff, discount)
            found[option.option_id] = option
    return tuple(found.values())


def _sets(tariff: Tariff, programs: Mapping[str, Program]) -> Iterator[tuple[str, ...]]:
    """Sets of programs that may be held beside a rate, smaller ones first."""
    allowed = [
        program
        for program in programs.values()
        if tariff.customer_type in program.eligibility.customer_types
        and (not program.eligibility.rate_codes or tariff.rate_code in program.eligibility.rate_codes)
    ]
    priced = sorted(program.program_id for program in allowed if program.program_type == _PRICED_TYPE)
    for size in range(len(priced) + 1):
        for ids in combinations(priced, size):
            if not any(set(programs[name].exclusive_programs) & set(ids) for name in ids):
                yield ids
        if size == 1:
            yield from ((program.program_id,) for program in allowed if program.program_type == _MEASURE_TYPE)


def _option(tariff: Tariff, parts: Collection[Program], settings: ComparisonSettings, bundle: Program | None) -> Option:
    names = [tariff.rate_name, *(part.program_name for part in parts)]
    ids = tuple(part.program_id for part in parts)
    expected = [settings.expected_events[name] for name in ids if name in settings.expected_events]
    return Option(
        option_id=bundle.program_id if bundle else "+".join([tariff.rate_code, *ids]),
        option_name=bundle.program_name if bundle else " + ".join(names),
        option_type=OPTION_TYPES[2] if bundle or len(ids) > 1 else OPTION_TYPES[len(ids)],
        rate_code=tariff.rate_code,
        program_ids=ids,
        discount=None,
        is_priced=all(part.program_type == _PRICED_TYPE for part in parts),
        is_illustrative=tariff.history.versions[-1].is_illustrative
        or any(part.is_illustrative for part in parts)
        or any(events.is_illustrative for events in expected),
    )


def _discounts(tariff: Tariff) -> tuple[str, ...]:
    return DISCOUNTS if tariff.customer_type == _RESIDENTIAL else ()


def _discounted(book: TariffBook, tariff: Tariff, discount: str) -> Option:
    name = _DISCOUNT_NAMES[discount]
    return Option(
        option_id=f"{tariff.rate_code}+{name}",
        option_name=f"{tariff.rate_name} + {name} discount",
        option_type="program",
        rate_code=tariff.rate_code,
        program_ids=(),
        discount=discount,
        is_priced=True,
        is_illustrative=book.discounts[discount].versions[-1].is_illustrative,
    )
