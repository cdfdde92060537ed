"""Tables of the entities layer about feeds: how fresh each one is, and which rows of extracts no longer hold."""

import dataframely as dy

from models.columns import count, local_date
from models.tables.base import Table


class FeedFreshness(dy.Schema):
    """How far the good data of each feed reach."""

    feed = dy.String(primary_key=True, description="usage for the reads of meters, else the system in small letters.")
    system_code = dy.String(nullable=True, description="Outside system that sends the feed; null for usage.")
    last_good_date = local_date("Last local date with good data; null where nothing good has come yet.", nullable=True)
    limit_days = dy.Int16(
        min=0, description="Days that the data may be behind the home's business date.", metadata={"unit": "day"}
    )
    missing_date_count = count("Local dates without data between the feed's first and last good date.")
    first_missing_date = local_date("First of these dates.", nullable=True)
    is_fresh = dy.Bool(description="True where the last good date is not further behind than the limit.")
    as_of_date = local_date("The home's business date: the latest local date with good data of any feed.")


class SupersededRows(dy.Schema):
    """Rows of extracts that a later row about the same thing and date replaces."""

    file_id = dy.String(primary_key=True, description="Landing file of the replaced rows.")
    extract_name = dy.String(primary_key=True, description="Table of the file.")
    superseded_count = count("Replaced rows.")


FEED_FRESHNESS = Table("entities", "feed_freshness", "one row per feed that has ever sent a file", FeedFreshness)
SUPERSEDED_ROWS = Table(
    "entities", "superseded_rows", "one row per landing file and table with replaced rows", SupersededRows
)
