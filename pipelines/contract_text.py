"""The contract report in words, for people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.tables.raw import EXTRACT_FORMAT
from pipelines.extracts.report import extract_lines
from pipelines.text import counted

_EXAMPLES = 3
_SOURCES = {"given": "given", "file": "stated in the file", "default": "assumed: the file names none"}
_CLOCKS = {
    "utc": "every label is an instant",
    "local": "labels are wall-clock time",
    "standard": "labels keep standard time all year",
}


def report_text(reports: Iterable[dict[str, Any]]) -> str:
    """All reports, one block per file."""
    return "\n\n".join("\n".join(_lines(report)) for report in reports)


def _lines(report: dict[str, Any]) -> list[str]:
    name = report["file_name"]
    if report["status_code"] == "unpacked":
        return [f"{name}: {report['format_code']} container, {report['size_bytes']:,} bytes"]
    if report["reason"] is not None:
        return [f"{name}: would be quarantined as a whole", f"  reason       {report['reason']}"]
    lines = [f"{name}: {report['format_code']}, {report['size_bytes']:,} bytes"]
    if report["format_code"] == EXTRACT_FORMAT:
        lines += [line for title, texts in extract_lines(report) for line in _entry(title, texts)]
        return lines + _refused(report)
    lines += _entry("values", _counts(report))
    lines += _entry("meters", [_meters(report["meters"])])
    lines += _entry("channels", [_channel(row) for row in report["channels"]])
    zone = f"{report['time_zone']} ({_SOURCES[report['time_zone_source_code']]})"
    lines += _entry("time", [f"{zone}; {_CLOCKS[report['clock_code']]}, naming the {report['label_code']}"])
    lines += _entry(
        "noticed", [f"{row['occurrence_count']:,} × {row['finding_text']}" for row in report["time_findings"]]
    )
    lines += _entry("lengths", _lengths(report["mixed_lengths"]))
    lines += _entry("off the grid", _off_grid(report["off_grid"]))
    if report["channels"]:
        lines += _entry("gaps", _gaps(report["gaps"]))
        lines += _entry("duplicates", _duplicates(report["duplicates"], "first_interval_start_utc"))
    lines += _entry("quality", [_quality(row) for row in report["quality"]])
    lines += _entry("also", _others(report))
    return lines + _refused(report)


def _refused(report: dict[str, Any]) -> list[str]:
    return _entry("refused", [_refusal(row) for row in report["refusals"]] or ["nothing"])


def _entry(title: str, texts: list[str]) -> list[str]:
    return [f"  {title if place == 0 else '':<12} {text}" for place, text in enumerate(texts)]


def _counts(report: dict[str, Any]) -> list[str]:
    values = report["values"]
    text = (
        f"{report['sent_count']:,} sent = {report['loaded_count']:,} loaded + {report['quarantined_count']:,} refused"
    )
    about = {"blank": values["blank_count"], "zero": values["zero_count"], "negative": values["negative_count"]}
    odd = ", ".join(f"{count:,} {word}" for word, count in about.items() if count)
    largest = values["largest_kwh"]
    return [text] + ([odd] if odd else []) + ([f"largest {largest:,.3f} kWh"] if largest is not None else [])


def _meters(meters: dict[str, Any]) -> str:
    first = meters["first_meters"] or []
    more = ", …" if meters["meter_count"] > len(first) else ""
    return f"{meters['meter_count']:,}: {', '.join(first)}{more}"


def _channel(row: dict[str, Any]) -> str:
    energy = "no energy" if row["kwh"] is None else f"{row['kwh']:,.3f} kWh"
    return (
        f"{row['channel_code']}, {row['interval_minutes']} min: {_of_meters(row['read_count'], 'read', row)}, "
        f"{energy}, {_period(row['first_interval_start_utc'], row['last_interval_start_utc'])}"
    )


def _gaps(gaps: dict[str, Any]) -> list[str]:
    if not gaps["gap_count"]:
        return ["none between a meter's first and last read"]
    longest = gaps["longest"][0]
    return [
        f"{counted(gaps['missing_count'], 'interval')} missing in {counted(gaps['gap_count'], 'gap')}",
        f"longest: {counted(longest['interval_count'], 'interval')} of {longest['meter_id']}, "
        f"{longest['channel_code']}, from {_stamp(longest['from_utc'])} until {_stamp(longest['until_utc'])} UTC",
    ]


def _lengths(mixed: dict[str, Any]) -> list[str]:
    if not mixed["meter_count"]:
        return []
    which = f"{counted(mixed['meter_count'], 'meter')} with reads of several lengths"
    texts = [f"{which}; a meter's most common one stands, reads of another fail validation (V02)"]
    for row in mixed["examples"][:_EXAMPLES]:
        lengths = (
            f"{counted(one['read_count'], one['channel_code'] + ' read')} of {one['interval_minutes']} min"
            for one in row["lengths"]
        )
        texts.append(f"{row['meter_id']}: {', '.join(lengths)}")
    return texts


def _off_grid(strays: dict[str, Any]) -> list[str]:
    if not strays["read_count"]:
        return []
    what = _of_meters(strays["read_count"], "read", strays)
    rule = (
        "an interval begins on a multiple of its length after local midnight, and what does not fails validation (V02)"
    )
    texts = [f"{what}; {rule}"]
    for row in strays["examples"][:_EXAMPLES]:
        texts.append(
            f"{row['meter_id']}, {row['channel_code']}: {counted(row['read_count'], 'read')} of "
            f'{row["interval_minutes"]} min, first label "{row["first_label"]}"'
        )
    return texts


def _duplicates(found: dict[str, Any], moment: str, what: str = "value") -> list[str]:
    if not found["identical_count"] and not found["conflicting_count"]:
        return ["none"]
    return [
        f"{found['identical_count']:,} with the same {what}, {found['conflicting_count']:,} with another; first "
        f"{found['first_meter_id']} at {_stamp(found[moment])} UTC"
    ]


def _quality(row: dict[str, Any]) -> str:
    flag = "no flag" if row["source_quality_code"] is None else f'"{row["source_quality_code"]}"'
    meaning = row["reported_quality_code"] or ("unknown" if row["source_quality_code"] else "taken as reported")
    return f"{flag} ({meaning}): {counted(row['read_count'], 'read')}"


def _others(report: dict[str, Any]) -> list[str]:
    lines = [
        f"register {row['register_code'] or 'without a name'}: {_of_meters(row['read_count'], 'read', row)}, "
        + _period(row["first_read_at_utc"], row["last_read_at_utc"])
        for row in report["register_reads"]
    ]
    if lines:
        found = _duplicates(report["register_duplicates"], "first_read_at_utc")
        lines += [f"register duplicates: {text}" for text in found]
    lines += [
        f"no energy: {row['stream_code']} in {row['unit_code']}: {_of_meters(row['value_count'], 'value', row)}"
        for row in report["auxiliary_reads"]
    ]
    events = [
        f"event {row['source_event_code'] or ''} {row['source_event_text'] or ''}".rstrip()
        + f": {_of_meters(row['event_count'], 'time', row)}, "
        + _period(row["first_event_start_utc"], row["last_event_start_utc"])
        for row in report["meter_events"]
    ]
    if events:
        found = _duplicates(report["event_duplicates"], "first_event_start_utc", "end")
        events += [f"event duplicates: {text}" for text in found]
    return lines + events


def _refusal(row: dict[str, Any]) -> str:
    return f"{row['value_count']:,} × line {row['first_line']:,}: {row['first_reason']}"


def _of_meters(count: int, noun: str, row: dict[str, Any]) -> str:
    return f"{counted(count, noun)} of {counted(row['meter_count'], 'meter')}"


def _period(first: datetime, last: datetime) -> str:
    return f"{_stamp(first)} to {_stamp(last)} UTC"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
