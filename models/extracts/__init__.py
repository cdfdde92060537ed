"""Contracts of the extracts that outside systems send: columns, types, keys, accepted values, cadence, lateness.

One declaration serves all who need it: the readers at the door, the raw tables, the contract report, the documentation,
and whoever writes such files. `reads` of meters have formats of their own and no contract here.
"""

from models.extracts.base import Extract, RowKind, System
from models.extracts.crm import CRM
from models.extracts.css import CSS
from models.extracts.devices import DMS
from models.extracts.operations import OPERATIONS
from models.extracts.weather import WEATHER

SYSTEMS: tuple[System, ...] = (CSS, CRM, DMS, WEATHER)
"""Outside systems: they are asked for files, and become stale without."""
SENDERS: tuple[System, ...] = (*SYSTEMS, OPERATIONS)
"""All that extracts come from: the outside systems, and the home's own operations store."""

__all__ = ["SENDERS", "SYSTEMS", "Extract", "RowKind", "System"]
