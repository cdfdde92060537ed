"""Programs as data: what customers can join, who may, when events are called, what is paid, what the goals are.

Dates are local civil dates; amounts are whole numbers of 1e-5 dollars; loads are watts.
"""

from models.programs.files import programs_from
from models.programs.program import (
    GOAL_TYPES,
    PROGRAM_TYPES,
    Amount,
    Eligibility,
    EventRules,
    Goal,
    Program,
    Season,
)
from models.programs.rows import GOAL_COLUMNS, PROGRAM_COLUMNS, goal_rows, program_rows

__all__ = [
    "GOAL_COLUMNS",
    "GOAL_TYPES",
    "PROGRAM_COLUMNS",
    "PROGRAM_TYPES",
    "Amount",
    "Eligibility",
    "EventRules",
    "Goal",
    "Program",
    "Season",
    "goal_rows",
    "program_rows",
    "programs_from",
]
