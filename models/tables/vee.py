"""Tables of the vee layer: reads after validation, estimation and editing, and what was done to them."""

import dataframely as dy

from models.tables.base import (
    CHANNELS,
    METHOD_CODES,
    QUALITY_CODES,
    RULE_CODES,
    Table,
    code,
    count,
    local_date,
    minutes,
    utc,
    watt_hours,
)

DAY_STATUSES = ("clean", "screened", "questionable", "estimated", "incomplete")
SEVERITIES = ("info", "warning", "error")
VERDICTS = ("valid", "estimated", "failed", "missing")
ACTIONS = ("drop", "keep_latest", "estimate", "replace", "keep", "reject", "verify")


def _final(channel: str) -> dy.Int32:
    return dy.Int32(
        nullable=True,
        min=0,
        description=f"Energy {channel} after VEE; null where it is unknown (see the quality code) or the meter has no "
        "such channel.",
        metadata={"unit": "Wh"},
    )


def _adjustment(channel: str) -> dy.Int64:
    return watt_hours(
        f"Final minus reported energy {channel}, an unknown final counted as 0; 0 = as reported, null = nothing "
        "was reported.",
        nullable=True,
    )


class Rules(dy.Schema):
    """Validation rules in force."""

    rule_code = code(RULE_CODES, "Rule.", primary_key=True)
    rule_name = dy.String(description="Name as utilities know it.")
    severity_code = code(SEVERITIES, "info changes nothing, warning is passed with a flag, error is acted upon.")
    action_code = code(ACTIONS, "What a failure leads to.")
    rule_description = dy.String(description="The rule in one sentence.")


class EditedIntervalReads(dy.Schema):
    """The current belief about every interval."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    interval_start_utc = utc("Start of the interval.", primary_key=True)
    interval_minutes = minutes("Length of the interval.")
    usage_date = local_date("Civil date of the interval's start at the meter.")
    utc_offset_minutes = dy.Int16(
        min=-840,
        max=840,
        description="Minutes by which the meter's wall clock is ahead of UTC at the start.",
        metadata={"unit": "min"},
    )
    delivered_wh = _final("delivered")
    delivered_adjustment_wh = _adjustment("delivered")
    delivered_quality_code = code(
        QUALITY_CODES, "Quality of the delivered value; null without the channel.", nullable=True
    )
    delivered_method_code = code(
        METHOD_CODES, "How the delivered value was estimated; null where it was not.", nullable=True
    )
    received_wh = _final("received")
    received_adjustment_wh = _adjustment("received")
    received_quality_code = code(
        QUALITY_CODES, "Quality of the received value; null without the channel.", nullable=True
    )
    received_method_code = code(
        METHOD_CODES, "How the received value was estimated; null where it was not.", nullable=True
    )
    known_at_utc = utc("Receipt of the latest file, or recording of the latest edit, on which the values rest.")


class MeterDayProfiles(dy.Schema):
    """What a meter's day looks like, so that later rules need not look at its intervals again."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    usage_date = local_date("Civil date at the meter.", primary_key=True)
    interval_minutes = minutes("Nominal interval length.")
    expected_count = count("Intervals expected: those of the civil date within the meter's life.")
    read_count = count("Intervals for which a value was received, repeats counted once.")
    valid_count = count("Intervals with a valid value, reported or decided on by a person.")
    estimated_count = count("Intervals that were estimated.")
    outage_count = count("Intervals touched by a power failure or a disconnection.")
    zero_count = count("Valid intervals of exactly 0 Wh.")
    valid_wh = watt_hours("Sum of the valid values.", minimum=0)
    max_wh = watt_hours("Largest valid value; null without one.", nullable=True, minimum=0)
    second_wh = watt_hours("Second largest valid value.", nullable=True, minimum=0)
    third_wh = watt_hours("Third largest valid value.", nullable=True, minimum=0)
    min_wh = watt_hours("Smallest valid value; null without one.", nullable=True, minimum=0)
    status_code = code(
        DAY_STATUSES,
        "clean: complete and copied through; screened: complete once repeats were removed; questionable: with values "
        "kept that the register contradicts; estimated: complete with estimates; incomplete: some interval is unknown.",
    )


class Failures(dy.Schema):
    """Failed rules."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    usage_date = local_date("Civil date at the meter.", primary_key=True)
    rule_code = code(RULE_CODES, "Rule that failed.", primary_key=True)
    severity_code = code(SEVERITIES, "info changes nothing, warning is passed with a flag, error is acted upon.")
    action_code = code(ACTIONS, "What was done.")
    failed_count = count("Values (missing: intervals) that failed.")
    estimated_count = count("Intervals estimated because of the failure.")


class SupersededReads(dy.Schema):
    """Values that another value of the same interval outranked."""

    file_id = dy.String(primary_key=True, description="File of the outranked value.")
    row_number = dy.Int64(primary_key=True, min=1, description="Its line or row.")
    value_position = dy.Int32(primary_key=True, min=0, description="Its position within the row.")
    meter_id = dy.String(description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.")
    interval_start_utc = utc("Start of the interval.")
    usage_date = local_date("Civil date at the meter.")
    is_identical = dy.Bool(description="True where the outranked value equals the one that stands.")
    standing_file_id = dy.String(description="File of the value that stands.")
    standing_row_number = dy.Int64(min=1, description="Its line or row.")


class EstimateReferences(dy.Schema):
    """Earlier days on which like-day estimates rest."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    usage_date = local_date("Estimated civil date.", primary_key=True)
    reference_date = local_date("Earlier civil date whose valid intervals were averaged.", primary_key=True)


class VerdictPairs(dy.Schema):
    """Our verdicts on reads beside those of the system that sent them."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    usage_date = local_date("Civil date at the meter.", primary_key=True)
    own_verdict = code(VERDICTS, "Verdict of our own rules and estimates.", primary_key=True)
    mdms_verdict = code(
        VERDICTS,
        "Verdict by the flag of the standing read; missing where no read came on a day of which others have flags.",
        primary_key=True,
    )
    interval_count = count("Intervals with this pair of verdicts.")


class ReadVersions(dy.Schema):
    """Earlier beliefs about intervals, with the period in which they were held.

    The columns of the value are those of `vee.interval_reads`. Both ends of the period are receipts of files, so the
    versions of an interval follow each other without gap, and the last is followed by the row that stands.
    """

    meter_id = dy.String(primary_key=True, description="Meter.")
    interval_start_utc = utc("Start of the interval.", primary_key=True)
    interval_minutes = minutes("Length of the interval.")
    usage_date = local_date("Civil date of the interval's start at the meter.")
    utc_offset_minutes = EditedIntervalReads.utc_offset_minutes
    delivered_wh = _final("delivered")
    delivered_adjustment_wh = _adjustment("delivered")
    delivered_quality_code = EditedIntervalReads.delivered_quality_code
    delivered_method_code = EditedIntervalReads.delivered_method_code
    received_wh = _final("received")
    received_adjustment_wh = _adjustment("received")
    received_quality_code = EditedIntervalReads.received_quality_code
    received_method_code = EditedIntervalReads.received_method_code
    believed_from_utc = utc("Receipt since which the values were believed.")
    believed_to_utc = utc("Receipt that ended it, excluded.")
    restatement_id = dy.Int64(primary_key=True, min=1, description="Run that replaced the values.")


class Restatements(dy.Schema):
    """Meter-days of which a run changed a value, a quality, a method or a verdict."""

    restatement_id = dy.Int64(primary_key=True, min=1, description="Number of the run, rising.")
    meter_id = dy.String(primary_key=True, description="Meter.")
    usage_date = local_date("Civil date at the meter.", primary_key=True)


RULES = Table("vee", "rules", "one row per validation rule", Rules)
EDITED_INTERVAL_READS = Table(
    "vee", "interval_reads", "one row per meter and interval", EditedIntervalReads, is_partitioned=True
)
METER_DAY_PROFILES = Table(
    "vee",
    "meter_day_profiles",
    "one row per meter, channel and civil date",
    MeterDayProfiles,
    is_partitioned=True,
)
FAILURES = Table(
    "vee", "failures", "one row per meter, channel, civil date and failed rule", Failures, is_partitioned=True
)
SUPERSEDED_READS = Table("vee", "superseded_reads", "one row per outranked value", SupersededReads, is_partitioned=True)
ESTIMATE_REFERENCES = Table(
    "vee",
    "estimate_references",
    "one row per meter, channel, estimated civil date and reference date",
    EstimateReferences,
    is_partitioned=True,
)
VERDICT_PAIRS = Table(
    "vee",
    "verdict_pairs",
    "one row per meter, channel, civil date and pair of verdicts",
    VerdictPairs,
    is_partitioned=True,
)
READ_VERSIONS = Table(
    "vee", "read_versions", "one row per meter, interval and replaced belief", ReadVersions, is_partitioned=True
)
RESTATEMENTS = Table(
    "vee", "restatements", "one row per run, meter and restated civil date", Restatements, is_partitioned=True
)
