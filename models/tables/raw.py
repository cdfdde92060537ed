"""Tables of the raw layer: what the files said, typed, verbatim, append-only."""

import dataframely as dy

from models.extracts import SENDERS
from models.tables.base import (
    CHANNELS,
    LARGEST_READ_WH,
    QUALITY_CODES,
    Table,
    code,
    count,
    local_date,
    minutes,
    utc,
    watt_hours,
)

FORMATS = ("csv", "parquet", "espi", "cmep", "nem12")
EXTRACT_FORMAT = "extract"
"""Format of the files that outside systems send; it is told by the first line and never asked for."""
CONTAINERS = ("gzip", "zip")
CLOCKS = ("utc", "local", "standard")
LABELS = ("start", "end")
ZONE_SOURCES = ("given", "file", "default")
FILE_STATUSES = ("loaded", "loaded_in_part", "quarantined", "unpacked")
LARGEST_REGISTER_WH = 10**18


FINDINGS = (
    "standard_time",
    "repeated_hour_in_order",
    "repeated_hour_newest_first",
    "repeated_hour_once",
    "filled_missing_hour",
    "missing_hour_with_energy",
    "late_offset_change",
    "late_clock_change",
    "offset_unlike_zone",
    "zone_unlike_file",
    "late_portal_change",
    "labels_at_end_by_day_bounds",
    "length_unlike_labels",
)
"""Findings about times; `pipelines.readers.times.survey` finds them."""


def _reported_quality() -> dy.Enum:
    return code(
        QUALITY_CODES,
        "The feed's flag in the warehouse's codes: V verified, A actual, G edited, E estimated, Q questionable, N no "
        "value; null where the feed gives none, or one without a counterpart.",
        nullable=True,
    )


class Files(dy.Schema):
    """Ledger of landing files; a file is loaded if and only if it has a row here."""

    file_id = dy.String(
        primary_key=True,
        regex="^[0-9a-f]{12}$",
        description="First 12 hexadecimal digits of the content's SHA-256.",
    )
    sha256 = dy.String(regex="^[0-9a-f]{64}$", description="SHA-256 of the file's content.")
    file_name = dy.String(description="Path of the file below landing/ when it was first received.")
    feed = dy.String(description="Feed that the file came by: its folder below landing/.")
    container_file_id = dy.String(
        nullable=True, description="Archive or compressed file that this file was first unpacked from."
    )
    format_code = code(
        (*FORMATS, EXTRACT_FORMAT, *CONTAINERS),
        "File format that the reader used; null where none fits.",
        nullable=True,
    )
    status_code = code(
        FILE_STATUSES,
        "loaded whole, loaded_in_part with some reads set aside, quarantined as a whole, or unpacked: a container "
        "whose members have rows of their own.",
    )
    size_bytes = dy.Int64(min=0, description="Size of the file.", metadata={"unit": "bytes"})
    received_at_utc = utc(
        "When the file was received: an extract's time of sending; of reads, given with the file, else the time of "
        "loading."
    )
    system_code = code(
        tuple(system.code for system in SENDERS),
        "System that sent the file; null for files of reads.",
        nullable=True,
    )
    utility_code = dy.String(nullable=True, description="Utility named in the header; null for files of reads.")
    first_business_date = local_date(
        "First local business date that the file covers; null for files of reads.", nullable=True
    )
    business_date = local_date("Last local business date that the file covers; null for files of reads.", nullable=True)
    sent_at_utc = utc("When the system sent the file; null for files of reads.", nullable=True)
    time_zone = dy.String(nullable=True, description="IANA zone of the file's meters; null where nothing loaded.")
    time_zone_source_code = code(
        ZONE_SOURCES,
        "Whence the time zone: given with the file, stated in it, or the territory's by default.",
        nullable=True,
    )
    clock_code = code(
        CLOCKS,
        "How time labels were read: UTC, local wall clock, or local standard time all year.",
        nullable=True,
    )
    label_code = code(LABELS, "Whether time labels name the start or the end of an interval.", nullable=True)
    customer_class = dy.String(description="Customer class given with the file, which selects VEE limits.")
    is_synthetic = dy.Bool(description="True for data made by the simulator.")
    sent_count = dy.Int64(
        nullable=True,
        min=0,
        description="Interval reads, register reads and meter events that the file holds, or rows of an extract, good "
        "or bad; null where the file cannot be read.",
        metadata={"unit": "count"},
    )
    loaded_count = dy.Int64(
        min=0, description="Of these, what was taken into the raw tables.", metadata={"unit": "count"}
    )
    quarantined_count = dy.Int64(
        nullable=True,
        min=0,
        description="Reads set aside with a reason; null where the file cannot be read.",
        metadata={"unit": "count"},
    )
    first_interval_start_utc = utc("Start of the file's earliest interval.", nullable=True)
    last_interval_start_utc = utc("Start of the file's latest interval.", nullable=True)
    reason = dy.String(nullable=True, description="Why the file, or the first of its quarantined rows, was refused.")


class FileChannels(dy.Schema):
    """What a file says about each meter and channel, so that entities need no scan of the reads."""

    file_id = dy.String(primary_key=True, description="Landing file.")
    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    interval_minutes = minutes("Nominal interval length (a daily interval is 1440 on every day).", primary_key=True)
    read_count = count("Reads of this meter, channel and length in the file.")
    meter_multiplier = dy.Float64(
        nullable=True,
        description="Factor by which the file says its numbers are to be multiplied, as is done in reported_wh; null "
        "where it states none.",
        metadata={"unit": "1"},
    )
    reported_wh = watt_hours("Sum of the reported energy; null where every value is blank.", nullable=True)
    first_interval_start_utc = utc("Start of the earliest interval.")
    last_interval_start_utc = utc("Start of the latest interval.")


class IntervalReads(dy.Schema):
    """Reads as reported; nothing here is ever changed."""

    file_id = dy.String(primary_key=True, description="Landing file that the read came in.")
    row_number = dy.Int64(
        primary_key=True, min=1, description="Line of the file (CSV, XML) or row (Parquet), counted from 1."
    )
    value_position = dy.Int32(
        primary_key=True, min=0, description="Position of the value within its row, counted from 0."
    )
    meter_id = dy.String(min_length=1, description="Meter as named by the feed.")
    channel_code = code(CHANNELS, "Direction of energy.")
    interval_start_utc = utc("Start of the interval; intervals are half-open.")
    interval_minutes = minutes("Length of the interval as reported.")
    reported_wh = watt_hours(
        "Reported energy rounded to whole watt-hours; null where the file's value is blank.",
        nullable=True,
        minimum=-LARGEST_READ_WH,
        maximum=LARGEST_READ_WH,
    )
    reported_text = dy.String(
        nullable=True,
        description="Reported value verbatim, kept where whole watt-hours do not hold it exactly.",
    )
    source_label = dy.String(description="Time label verbatim, before it was turned into a start in UTC.")
    source_quality_code = dy.String(nullable=True, description="The feed's own quality flag, verbatim.")
    reported_quality_code = _reported_quality()
    part_number = dy.Int32(
        min=0, description="Part of the file that the read was loaded with, counted from 0; small files have one."
    )
    repeat_number = dy.Int16(
        min=0,
        description="0 for the first read of its meter, channel and start in the file's part, 1 for the second, and "
        "so on.",
    )


class AuxiliaryReads(dy.Schema):
    """Interval values that are not energy of a main channel, as reported: reactive energy, demand, check meters."""

    file_id = dy.String(primary_key=True, description="Landing file that the value came in.")
    row_number = dy.Int64(primary_key=True, min=1, description="Line or row of the file, counted from 1.")
    value_position = dy.Int32(
        primary_key=True, min=0, description="Position of the value within its row, counted from 0."
    )
    meter_id = dy.String(min_length=1, description="Meter as named by the feed.")
    stream_code = dy.String(nullable=True, description="The file's own name of the data stream, verbatim.")
    unit_code = dy.String(description="Unit of the value, verbatim.")
    interval_start_utc = utc("Start of the interval; intervals are half-open.")
    interval_minutes = minutes("Length of the interval as reported.")
    reported_text = dy.String(nullable=True, description="Value verbatim; null where the file's value is blank.")
    source_label = dy.String(description="Time label verbatim, before it was turned into a start in UTC.")
    source_quality_code = dy.String(nullable=True, description="The feed's own quality flag, verbatim.")
    reported_quality_code = _reported_quality()


class RegisterReads(dy.Schema):
    """Register (index) reads as reported: what the meter's counter showed at a moment."""

    file_id = dy.String(primary_key=True, description="Landing file that the read came in.")
    row_number = dy.Int64(primary_key=True, min=1, description="Line or row of the file, counted from 1.")
    value_position = dy.Int32(
        primary_key=True, min=0, description="Position of the value within its row, counted from 0."
    )
    meter_id = dy.String(min_length=1, description="Meter as named by the feed.")
    register_code = dy.String(nullable=True, description="The file's own name of the register, verbatim.")
    channel_code = code(
        CHANNELS, "Direction of energy; null where the register counts no active energy.", nullable=True
    )
    read_at_utc = utc("When the register showed the value.")
    reported_wh = watt_hours(
        "Face of the register times the meter's multiplier, rounded to whole watt-hours; null where it is blank or "
        "counts no active energy.",
        nullable=True,
        minimum=-LARGEST_REGISTER_WH,
        maximum=LARGEST_REGISTER_WH,
    )
    reported_text = dy.String(nullable=True, description="Face of the register verbatim; null where it is blank.")
    unit_code = dy.String(nullable=True, description="Unit verbatim where the register counts no active energy.")
    meter_multiplier = dy.Float64(
        nullable=True,
        description="Factor by which the file says the face is to be multiplied; null where it states none.",
        metadata={"unit": "1"},
    )
    stated_consumption_wh = watt_hours(
        "Energy that the file states as used since the register's previous read; null where it states none.",
        nullable=True,
        minimum=-LARGEST_REGISTER_WH,
        maximum=LARGEST_REGISTER_WH,
    )
    source_label = dy.String(description="Time label verbatim.")
    source_quality_code = dy.String(nullable=True, description="The feed's own quality flag, verbatim.")
    reported_quality_code = _reported_quality()


class MeterEvents(dy.Schema):
    """What a meter or its reading system reports beside reads: power failures, resets, service orders, reasons."""

    file_id = dy.String(primary_key=True, description="Landing file that the event came in.")
    row_number = dy.Int64(primary_key=True, min=1, description="Line or row of the file, counted from 1.")
    value_position = dy.Int32(
        primary_key=True, min=0, description="Position of the event within its row, counted from 0."
    )
    meter_id = dy.String(min_length=1, description="Meter as named by the feed.")
    source_event_code = dy.String(nullable=True, description="The feed's own event code, verbatim.")
    source_event_text = dy.String(nullable=True, description="The feed's own words, verbatim.")
    event_start_utc = utc("When the event began, or happened.")
    event_end_utc = utc("When it ended; null for a moment, or where no end is given.", nullable=True)
    source_label = dy.String(description="Time label verbatim.")


class FileFindings(dy.Schema):
    """What was noticed about a file's times while it was read, and by which rule it was settled."""

    file_id = dy.String(primary_key=True, description="Landing file.")
    finding_code = code(FINDINGS, "What was found; the methodology has a rule for each.", primary_key=True)
    occurrence_count = dy.Int64(min=0, description="Reads that it concerns.", metadata={"unit": "count"})
    finding_text = dy.String(description="The finding and the rule that settled it, in one sentence.")


class QuarantinedRows(dy.Schema):
    """Rows that could not be read, with the reason."""

    file_id = dy.String(primary_key=True, description="Landing file.")
    row_number = dy.Int64(primary_key=True, min=0, description="Line or row of the file; 0 for the file as a whole.")
    value_position = dy.Int32(primary_key=True, min=0, description="Position of the value within its row.")
    reason = dy.String(description="What is wrong, in one sentence.")
    row_text = dy.String(nullable=True, description="The offending text, verbatim.")
    received_date = local_date("UTC date on which the file was received.")


FILES = Table("raw", "files", "one row per landing file", Files)
FILE_CHANNELS = Table(
    "raw", "file_channels", "one row per landing file, meter, channel and interval length", FileChannels
)
INTERVAL_READS = Table(
    "raw", "interval_reads", "one row per value of a landing file", IntervalReads, is_partitioned=True
)
AUXILIARY_READS = Table(
    "raw",
    "auxiliary_reads",
    "one row per interval value of a landing file that is not energy of a main channel",
    AuxiliaryReads,
    is_partitioned=True,
)
REGISTER_READS = Table("raw", "register_reads", "one row per register read of a landing file", RegisterReads)
METER_EVENTS = Table("raw", "meter_events", "one row per meter event of a landing file", MeterEvents)
FILE_FINDINGS = Table("raw", "file_findings", "one row per landing file and kind of finding", FileFindings)
QUARANTINED_ROWS = Table(
    "raw", "quarantined_rows", "one row per value of a landing file that could not be read", QuarantinedRows
)
