"""The table registry: the one place where a table built by Python is declared.

Each table is a dataframely schema whose columns carry type, key, range, description and unit. Everything else that
needs to know a table's shape (Arrow schemas, Great Expectations suites, dbt sources, the data dictionary) is
rendered from here by `models.render`.
"""

from models.tables.analytics import ANALYTICS_TABLES
from models.tables.base import Table
from models.tables.edits import EDITS_IN_FORCE
from models.tables.entities import ENTITY_TABLES
from models.tables.extracts import FILE_EXTRACTS, RAW_EXTRACTS
from models.tables.feeds import FEED_FRESHNESS, SUPERSEDED_ROWS
from models.tables.options import OPTION_TABLES
from models.tables.rates import RATE_TABLES
from models.tables.raw import (
    AUXILIARY_READS,
    FILE_CHANNELS,
    FILE_FINDINGS,
    FILES,
    INTERVAL_READS,
    METER_EVENTS,
    QUARANTINED_ROWS,
    REGISTER_READS,
)
from models.tables.vee import (
    EDITED_INTERVAL_READS,
    ESTIMATE_REFERENCES,
    FAILURES,
    METER_DAY_PROFILES,
    READ_VERSIONS,
    RESTATEMENTS,
    RULES,
    SUPERSEDED_READS,
    VERDICT_PAIRS,
)

TABLES: tuple[Table, ...] = (
    FILES,
    FILE_CHANNELS,
    INTERVAL_READS,
    AUXILIARY_READS,
    REGISTER_READS,
    METER_EVENTS,
    FILE_FINDINGS,
    QUARANTINED_ROWS,
    FILE_EXTRACTS,
    *RAW_EXTRACTS.values(),
    *ENTITY_TABLES,
    FEED_FRESHNESS,
    SUPERSEDED_ROWS,
    RULES,
    EDITED_INTERVAL_READS,
    METER_DAY_PROFILES,
    FAILURES,
    SUPERSEDED_READS,
    ESTIMATE_REFERENCES,
    EDITS_IN_FORCE,
    VERDICT_PAIRS,
    READ_VERSIONS,
    RESTATEMENTS,
    *ANALYTICS_TABLES,
    *RATE_TABLES,
    *OPTION_TABLES,
)

__all__ = ["TABLES", "Table"]
