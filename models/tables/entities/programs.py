"""Programs that the utility offers, as its reference data declare them."""

import dataframely as dy

from models.columns import code, local_date
from models.programs import GOAL_TYPES, PROGRAM_TYPES
from models.programs.program import DISPATCHES, NOTICES
from models.tables.base import Table
from models.tariffs import STATUSES


def _codes(description: str) -> dy.String:
    return dy.String(description=f"{description}, sorted, with commas; empty where nothing is asked.")


def _of_events(description: str, unit: str) -> dy.Int16:
    return dy.Int16(
        nullable=True, min=0, description=f"{description}; null without events or limit.", metadata={"unit": unit}
    )


class Programs(dy.Schema):
    """Programs that customers can join, with their rules."""

    program_id = dy.String(primary_key=True, description="Program.")
    program_name = dy.String(description="Name for people.")
    program_type = code(PROGRAM_TYPES, "rate, dr (demand response), ee (energy efficiency) or bundle.")
    program_family = dy.String(description="Family of programs that are alike to who takes part.")
    description = dy.String(description="What it is, in a sentence or two.")
    rate_code = dy.String(nullable=True, description="Rate schedule of a program of type rate; null for others.")
    program_parts = _codes("Programs that a bundle joins")
    customer_types = _codes("Types of customers who may join")
    required_device_types = _codes("Types of devices of which one must be registered")
    required_equipment_types = _codes("Types of equipment of which one must be there")
    tenure_types = _codes("Owners or tenants who may join")
    rate_codes = _codes("Rate schedules of which one must be held")
    minimum_load_kw = dy.Decimal(
        9, 3, min=0, description="Load that there must be to shed; 0 where none is asked.", metadata={"unit": "kW"}
    )
    is_medical_baseline_excluded = dy.Bool(description="True where customers with medical baseline may not join.")
    compatible_programs = _codes("Programs that may be held beside it, as far as that was thought about")
    exclusive_programs = _codes("Programs that may not be held beside it")
    dispatch_code = code(DISPATCHES, "How events are called; null without events.", nullable=True)
    notice_code = code(NOTICES, "How early events are announced; null without events.", nullable=True)
    event_first_hour = _of_events("First local hour of the window of events", "h")
    event_end_hour = _of_events("Local hour at which the window of events ends", "h")
    maximum_event_count = _of_events("Largest number of events in a year", "count")
    maximum_event_hours = _of_events("Largest number of hours of events in a year", "h")
    incentive_text = dy.String(nullable=True, description="What customers are paid, in words; null for nothing.")
    status_code = code(STATUSES, "How well the rules are known.")
    is_illustrative = dy.Bool(description="True where a figure of the program is invented for illustration.")


class ProgramGoals(dy.Schema):
    """What programs are to reach, and by when."""

    program_id = dy.String(primary_key=True, description="Program.")
    goal_type = code(GOAL_TYPES, "What is to be reached.", primary_key=True)
    due_date = local_date("Local date by which it is to be reached.", primary_key=True)
    goal_value = dy.Decimal(14, 3, min=0, description="Value to be reached, in the unit of the goal.")
    goal_unit = dy.String(description="Unit of the value: MW or count.")


PROGRAMS = Table("entities", "programs", "one row per program", Programs)
PROGRAM_GOALS = Table("entities", "program_goals", "one row per program, goal and due date", ProgramGoals)
