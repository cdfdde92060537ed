"""Programs and goals as frames."""

from collections.abc import Iterable
from decimal import Decimal

import polars as pl

from models.programs.program import GOAL_UNITS, Program

_KW, _VALUE = pl.Decimal(9, 3), pl.Decimal(14, 3)
PROGRAM_COLUMNS = pl.Schema(
    [
        ("program_id", pl.String()),
        ("program_name", pl.String()),
        ("program_type", pl.String()),
        ("program_family", pl.String()),
        ("description", pl.String()),
        ("rate_code", pl.String()),  # null but for programs of type rate
        ("program_parts", pl.String()),  # the programs of a bundle
        ("customer_types", pl.String()),
        ("required_device_types", pl.String()),  # one of them must be registered
        ("required_equipment_types", pl.String()),
        ("tenure_types", pl.String()),
        ("rate_codes", pl.String()),  # one of them must be held
        ("minimum_load_kw", _KW),
        ("is_medical_baseline_excluded", pl.Boolean()),
        ("compatible_programs", pl.String()),
        ("exclusive_programs", pl.String()),
        ("dispatch_code", pl.String()),  # null without events, as all columns of events
        ("notice_code", pl.String()),
        ("event_first_hour", pl.Int16()),
        ("event_end_hour", pl.Int16()),
        ("maximum_event_count", pl.Int16()),  # in a year
        ("maximum_event_hours", pl.Int16()),
        ("incentive_text", pl.String()),  # null without any
        ("status_code", pl.String()),
        ("is_illustrative", pl.Boolean()),
    ]
)
"""Columns of `program_rows`. Lists are sorted codes with commas between them, empty where nothing is asked."""

GOAL_COLUMNS = pl.Schema(
    [
        ("program_id", pl.String()),
        ("goal_type", pl.String()),
        ("goal_value", _VALUE),
        ("goal_unit", pl.String()),
        ("due_date", pl.Date()),
    ]
)
"""Columns of `goal_rows`."""


def program_rows(programs: Iterable[Program]) -> pl.DataFrame:
    """One row per program, sorted by id, columns `PROGRAM_COLUMNS`."""
    rows = [_row(program) for program in programs]
    return pl.DataFrame(rows, schema=PROGRAM_COLUMNS, orient="row").sort("program_id")


def goal_rows(programs: Iterable[Program]) -> pl.DataFrame:
    """One row per program, goal type and due date, columns `GOAL_COLUMNS`."""
    rows = [
        (program.program_id, goal.goal_type, _shifted(goal.value, 3), GOAL_UNITS[goal.goal_type], goal.due_date)
        for program in programs
        for goal in program.goals
    ]
    return pl.DataFrame(rows, schema=GOAL_COLUMNS, orient="row").sort("program_id", "goal_type", "due_date")


def _row(program: Program) -> tuple[object, ...]:
    who, events = program.eligibility, program.events
    return (
        program.program_id,
        program.program_name,
        program.program_type,
        program.program_family,
        program.description,
        program.rate_code,
        _listed(program.parts),
        _listed(who.customer_types),
        _listed(who.required_device_types),
        _listed(who.required_equipment_types),
        _listed(who.tenure_types),
        _listed(who.rate_codes),
        _shifted(who.minimum_load_w, 3),
        who.excludes_medical_baseline,
        _listed(program.compatible_programs),
        _listed(program.exclusive_programs),
        events.dispatch if events else None,
        events.notice if events else None,
        events.first_hour if events else None,
        events.end_hour if events else None,
        events.most_per_year if events else None,
        events.most_hours_per_year if events else None,
        _incentive_text(program),
        program.status,
        program.is_illustrative,
    )


def _incentive_text(program: Program) -> str | None:
    """What customers are paid, in words; amounts that are not sourced say so."""
    texts = []
    for amount in program.incentives:
        text = f"{amount.name}: {_plain(amount.usd)} USD per {amount.unit.replace('_', ' and ')}"
        if amount.most_usd is not None:
            text += f", at most {_plain(amount.most_usd)} USD a season"
        texts.append(text + (" (illustrative)" if amount.status == "illustrative" else ""))
    return "; ".join(texts) or None


def _plain(usd: int) -> str:
    return f"{Decimal(usd).scaleb(-5):.2f}"


def _listed(names: Iterable[str]) -> str:
    return ",".join(sorted(names))


def _shifted(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)
