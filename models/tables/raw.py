"""Tables of the raw layer: what the files said, typed, verbatim, append-only."""

import dataframely as dy

from models.tables.base import CHANNELS, LARGEST_READ_WH, Table, code, count, local_date, minutes, utc, watt_hours

FORMATS = ("csv", "parquet", "espi")
CLOCKS = ("utc", "local", "standard")
LABELS = ("start", "end")
FILE_STATUSES = ("loaded", "loaded_in_part", "quarantined")


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
    format_code = code(FORMATS, "File format that the reader used; null where none fits.", nullable=True)
    status_code = code(
        FILE_STATUSES, "loaded whole, loaded_in_part with some reads set aside, or quarantined as a whole."
    )
    size_bytes = dy.Int64(min=0, description="Size of the file.", metadata={"unit": "bytes"})
    received_at_utc = utc("When the file was received: given with the file, else the time of loading.")
    time_zone = dy.String(nullable=True, description="IANA zone of the file's meters; null where nothing loaded.")
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
        description="Reads that the file holds, good or bad; null where the file cannot be read.",
        metadata={"unit": "count"},
    )
    loaded_count = dy.Int64(min=0, description="Reads taken into raw.", metadata={"unit": "count"})
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
    repeat_number = dy.Int16(
        min=0, description="0 for the first read of its key in the file, 1 for the second, and so on."
    )


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
QUARANTINED_ROWS = Table(
    "raw", "quarantined_rows", "one row per value of a landing file that could not be read", QuarantinedRows
)
