"""Reading of program files."""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence

from models.customer_types import CUSTOMER_TYPES, DEVICE_TYPES, EQUIPMENT_TYPES, TENURE_TYPES
from models.documents import DocumentError, Node
from models.programs.program import (
    AMOUNT_UNITS,
    DISPATCHES,
    EVENT_DAYS,
    GOAL_TYPES,
    NOTICES,
    PROGRAM_TYPES,
    Amount,
    Eligibility,
    EventRules,
    Goal,
    Program,
    Season,
)
from models.programs.relations import check_relations
from models.tariffs import STATUSES

_REQUIRED = (
    "program_id", "program_name", "program_type", "program_family", "description", "status", "source", "eligibility",
)  # fmt: skip
_OPTIONAL = (
    "rate_code", "parts", "events", "compatible_programs", "exclusive_programs", "incentives", "charges", "goals",
)  # fmt: skip
_SPAN = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-([0-3][0-9])")
_LEAP_YEAR = 2000
_USD_PLACES, _LOAD_PLACES, _GOAL_PLACES = 5, 3, 3
_WHOLE = 1000
_MOST_EVENTS, _MOST_HOURS = 366, 8784


def programs_from(documents: Mapping[str, object]) -> dict[str, Program]:
    """Programs from parsed documents.

    Args:
        documents: By file name; a file is named after its program.

    Returns:
        Programs by id, in the order of their ids.

    Raises:
        DocumentError: With one sentence per mistake, of all files.
    """
    mistakes: list[str] = []
    nodes = [Node(name, "", document, mistakes) for name, document in sorted(documents.items())]
    programs = [_program(node) for node in nodes]
    check_relations(nodes, programs)
    if mistakes:
        raise DocumentError(mistakes)
    return {program.program_id: program for program in sorted(programs, key=lambda program: program.program_id)}


def _program(node: Node) -> Program:
    fields = node.fields(_REQUIRED, _OPTIONAL)
    program_id = fields["program_id"].text()
    if program_id and node.file != f"{program_id}.yml":
        fields["program_id"].wrong(f'is "{program_id}", so the file must be named {program_id}.yml')
    program_type = fields["program_type"].choice(PROGRAM_TYPES)
    events = fields["events"]
    return Program(
        program_id=program_id,
        program_name=fields["program_name"].text(),
        program_type=program_type,
        program_family=fields["program_family"].text(),
        description=fields["description"].text(),
        status=fields["status"].choice(STATUSES),
        source=fields["source"].text(),
        rate_code=_only_for("rate", program_type, fields["rate_code"]),
        parts=_texts(fields["parts"]),
        eligibility=_eligibility(fields["eligibility"]),
        events=_events(events) if events.is_present else None,
        compatible_programs=_texts(fields["compatible_programs"]),
        exclusive_programs=_texts(fields["exclusive_programs"]),
        incentives=_amounts(fields["incentives"]),
        charges=_amounts(fields["charges"]),
        goals=_goals(fields["goals"]),
    )


def _only_for(wanted: str, program_type: str, node: Node) -> str | None:
    if node.is_present and program_type == wanted:
        return node.text()
    if node.is_present:
        node.wrong(f"belongs in programs of type {wanted} only")
    elif program_type == wanted:
        node.wrong(f"is lacking in a program of type {wanted}")
    return None


def _texts(node: Node) -> tuple[str, ...]:
    texts = [element.text() for element in node.elements()]
    for text in sorted({text for text in texts if texts.count(text) > 1}):
        node.wrong(f"names {text} twice")
    return tuple(texts)


def _choices(node: Node, options: Sequence[str]) -> tuple[str, ...]:
    for element in node.elements():
        element.choice(options)
    return _texts(node)


def _eligibility(node: Node) -> Eligibility:
    optional = ("required_device_types", "required_equipment_types", "tenure_types", "rate_codes")
    fields = node.fields(("customer_types", "minimum_load_kw"), (*optional, "excludes_medical_baseline"))
    excludes = fields["excludes_medical_baseline"]
    return Eligibility(
        customer_types=_choices(fields["customer_types"], CUSTOMER_TYPES),
        minimum_load_w=fields["minimum_load_kw"].decimal(_LOAD_PLACES),
        required_device_types=_choices(fields["required_device_types"], DEVICE_TYPES),
        required_equipment_types=_choices(fields["required_equipment_types"], EQUIPMENT_TYPES),
        tenure_types=_choices(fields["tenure_types"], TENURE_TYPES),
        rate_codes=_texts(fields["rate_codes"]),
        excludes_medical_baseline=excludes.is_present and excludes.flag(),
    )


def _events(node: Node) -> EventRules:
    limits = ("most_per_year", "most_hours_per_year")
    fields = node.fields(
        ("season", "window_hours", "days", "shortest_minutes", "longest_minutes", "notice", "dispatch"), limits
    )
    first_hour, end_hour = _window(fields["window_hours"])
    shortest, longest = (fields[f"{name}_minutes"].integer(1, 1440) for name in ("shortest", "longest"))
    if shortest > longest:
        node.wrong(f"has a shortest event of {shortest} minutes and a longest one of {longest}")
    if longest > 60 * (end_hour - first_hour) > 0:
        node.wrong(f"has events of {longest} minutes in a window of {60 * (end_hour - first_hour)} minutes")
    per_year, hours = fields["most_per_year"], fields["most_hours_per_year"]
    return EventRules(
        season=_season(fields["season"]),
        first_hour=first_hour,
        end_hour=end_hour,
        days=fields["days"].choice(EVENT_DAYS),
        shortest_minutes=shortest,
        longest_minutes=longest,
        most_per_year=per_year.integer(1, _MOST_EVENTS) if per_year.is_present else None,
        most_hours_per_year=hours.integer(1, _MOST_HOURS) if hours.is_present else None,
        notice=fields["notice"].choice(NOTICES),
        dispatch=fields["dispatch"].choice(DISPATCHES),
    )


def _season(node: Node) -> Season:
    fields = node.fields(("first", "last"))
    return Season(_month_day(fields["first"]), _month_day(fields["last"]))


def _month_day(node: Node) -> tuple[int, int]:
    text = node.text()
    found = _MONTH_DAY.fullmatch(text)
    month, day = (int(found[1]), int(found[2])) if found else (1, 0)
    if 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
        return month, day
    if text:
        node.wrong(f'must be a month and day such as "06-01", not "{text}"')
    return 1, 1


def _window(node: Node) -> tuple[int, int]:
    text = node.text()
    span = _SPAN.fullmatch(text)
    first, end = (int(span[1]), int(span[2])) if span else (0, 0)
    if text and not 0 <= first < end <= 24:
        node.wrong(f'must be hours of the day such as "16-21", not "{text}"')
    return first, end


def _amounts(node: Node) -> tuple[Amount, ...]:
    amounts = []
    for element in node.elements():
        fields = element.fields(("name", "usd", "unit", "status"), ("most_usd",))
        most = fields["most_usd"]
        amounts.append(
            Amount(
                name=fields["name"].text(),
                usd=fields["usd"].decimal(_USD_PLACES),
                unit=fields["unit"].choice(AMOUNT_UNITS),
                most_usd=most.decimal(_USD_PLACES) if most.is_present else None,
                status=fields["status"].choice(STATUSES),
            )
        )
    return tuple(amounts)


def _goals(node: Node) -> tuple[Goal, ...]:
    goals: list[Goal] = []
    for element in node.elements():
        fields = element.fields(("goal_type", "goal_value", "due_date"))
        goal_type, value = fields["goal_type"].choice(GOAL_TYPES), fields["goal_value"].decimal(_GOAL_PLACES)
        goal = Goal(goal_type, value, fields["due_date"].date())
        if goal_type != "mw" and value % _WHOLE:
            fields["goal_value"].wrong("must be a whole number, since it counts")
        if any((other.goal_type, other.due_date) == (goal.goal_type, goal.due_date) for other in goals):
            element.wrong(f"repeats the goal {goal.goal_type} due {goal.due_date}")
        goals.append(goal)
    return tuple(goals)
