"""Which column of a table means what: the aliases that headers are recognised by."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from models.columns import ALLOWED_MINUTES
from pipelines.readers.options import UnreadableFile

# Order is preference. The house's own names come first.
_METER = (
    "meter_id",
    "meter",
    "meterid",
    "meter_number",
    "meter_no",
    "meter_serial_number",
    "service_point_id",
    "service_point",
    "sp_id",
    "usage_point_id",
    "usage_point",
    "esi_id",
    "esiid",
    "nmi",
    "mpan",
    "mprn",
    "lclid",
    "device_id",
    "site_id",
)
_START = (
    "interval_start",
    "interval_start_time",
    "interval_begin",
    "ts_start",
    "start",
    "start_time",
    "start_datetime",
    "start_date_time",
    "start_ts",
    "timestamp",
    "time_stamp",
    "datetime",
    "date_time",
    "ts",
    "read_time",
    "reading_time",
    "read_datetime",
    "usage_start_time",
    "period_start",
)
_END = (
    "interval_end",
    "interval_end_time",
    "ts_end",
    "end",
    "end_time",
    "end_datetime",
    "end_date_time",
    "end_ts",
    "interval_ending",
    "usage_end_time",
    "period_end",
)
_DATE = ("date", "read_date", "reading_date", "usage_date", "interval_date", "local_date", "day")
_TIME = ("time", "time_of_day", "usage_time", "interval_time")
_TIME_OF_DAY = ("start_time", "start", "end_time", "end")
"""Beside a date column these names mean a time of day, as in utility downloads (DATE, START TIME, END TIME)."""
_MINUTES = (
    "interval_minutes",
    "minutes",
    "interval_length",
    "interval_length_minutes",
    "duration_minutes",
    "interval",
)
_QUALITY = (
    "quality_code",
    "source_quality_code",
    "quality",
    "quality_flag",
    "read_quality",
    "status",
    "flag",
)
_CHANNEL = ("channel_code", "channel", "direction", "flow_direction")
_UNIT = ("unit", "units", "uom", "unit_of_measure")
_ZONE = (
    "utc_offset",
    "gmt_offset",
    "tz_offset",
    "offset",
    "offset_minutes",
    "time_zone",
    "timezone",
    "tz",
)
_DST = (
    "dst",
    "dst_flag",
    "is_dst",
    "dst_indicator",
    "daylight",
    "daylight_saving",
    "daylight_savings",
    "daylight_saving_flag",
    "daylight_savings_flag",
)
_DELIVERED = ("delivered", "usage", "consumption", "energy", "value", "import", "imported", "")
_RECEIVED = ("received", "export", "exported", "returned", "feed_in", "surplus")

_NAMES = frozenset((*_METER, *_START, *_END, *_DATE, *_TIME, *_MINUTES, *_QUALITY, *_CHANNEL, *_UNIT, *_ZONE, *_DST))

_UNIT_WORD = re.compile(r"^(?:(.*)_)?(kwh|mwh|wh)$|^(kwh|mwh|wh)_(.*)$")
_CLOCK_WORD = re.compile(r"^(.*)_(utc|gmt|local)$")
_SLOT_TIME = re.compile(r"^(?:[a-z_ ]*?)(\d{1,2}):(\d{2})(?::00)?$|^(?:[a-z]+_?)?(\d{2})(\d{2})$")
_SLOT_POSITION = re.compile(r"^(?:v|val|value|interval|int|p|period|h|hr|hour|t|read|reading)[_ ]?(\d{1,3})$")
_DAY_MINUTES = 1440
_MAX_EXTRA_MINUTES = 60
_SHOWN_CHARACTERS = 60

NEEDED = (
    "a time (interval_start_utc, interval_end_utc, interval_start_local, interval_end_local, ts_start, timestamp, "
    "or date and time) and a value (delivered_kwh, received_kwh, kwh, usage), or a date and one column per interval "
    "of the day (00:00 to 23:45, 0015 to 2400, or v1 to v96)"
)


@dataclass(frozen=True)
class ValueColumn:
    """A column of energies: its position in the table, channel, and unit if its name says it."""

    index: int
    channel_code: str
    unit: str | None


@dataclass(frozen=True)
class SlotColumn:
    """A column that holds one interval of every day: its position, name, and label in minutes after midnight."""

    index: int
    name: str
    minute: int


@dataclass(frozen=True)
class Layout:
    """Meaning of a table's columns, by position; None where the table has no such column.

    A long table has `values` (one or two columns); a wide one has `slots` and `slot_minutes`. `zone` holds the UTC
    offset or time zone of each label and `dst` its daylight saving flag, see `labels.offset_minutes`.
    """

    meter: int | None
    start: int | None
    end: int | None
    date: int | None
    time: int | None
    minutes: int | None
    quality: int | None
    channel: int | None
    unit: int | None
    values: tuple[ValueColumn, ...]
    slots: tuple[SlotColumn, ...]
    slot_minutes: int | None
    clock_code: str
    label_code: str
    slot_unit: str | None = None
    zone: int | None = None
    dst: int | None = None

    @property
    def value_count(self) -> int:
        """Values that a complete row holds."""
        return len(self.slots) if self.slots else len(self.values)

    @property
    def used(self) -> list[int]:
        """Positions of the columns that mean something, in order."""
        single = (self.meter, self.start, self.end, self.date, self.time, self.minutes, self.quality, self.channel,
                  self.unit, self.zone, self.dst)  # fmt: skip
        several = [column.index for column in self.values] + [slot.index for slot in self.slots]
        return sorted({index for index in single if index is not None} | set(several))


def recognise_columns(names: list[str], label_code: str | None = None) -> Layout:
    """Find the meaning of a table's columns by name; case, spaces and punctuation do not matter.

    Args:
        names: Column names in order.
        label_code: start or end if known; decides between a start and an end column, and how times that name the
            columns of a wide table are read.

    Returns:
        The layout. Columns with unknown names are left alone.

    Raises:
        UnreadableFile: A time or value column is missing, or two columns claim the same meaning.
    """
    plain = [plain_name(name) for name in names]
    base = [match.group(1) if (match := _CLOCK_WORD.match(name)) else name for name in plain]
    slots, slot_minutes, slots_label = _slots(names)
    start, end = _pick(base, plain, _START), _pick(base, plain, _END)
    date, time = _pick(base, plain, _DATE), _pick(base, plain, _TIME)
    values = () if slots else _values(plain)
    if slots:
        date = start if date is None else date
        start = end = time = None
    else:
        is_full = any(index is not None and plain[index] not in _TIME_OF_DAY for index in (start, end))
        if date is None or is_full:
            if start is None and end is None:
                start = time
            date = time = None
        elif time is None and (start is not None or end is not None):
            use_start = start is not None and (end is None or label_code != "end")
            time, label_code = (start, label_code or "start") if use_start else (end, label_code or "end")
            start = end = None
        elif time is None:
            start, date = date, None
        else:
            start = end = None
    if (start is None and end is None and date is None) or not (values or slots):
        missing = "time" if start is None and end is None and date is None else "value"
        seen = ", ".join(names)[:500]
        raise UnreadableFile(f"the header has no {missing} column; columns seen: {seen}; needed: {NEEDED}")
    found_label = slots_label if slots else "end" if start is None and end is not None else "start"
    chosen = "start" if slots and slots_label == "position" else label_code or found_label
    if chosen == "end" and end is not None:
        start = None
    clock_from = next(index for index in (start, end, date) if index is not None)
    is_utc = plain[clock_from].endswith(("_utc", "_gmt"))
    layout = Layout(
        meter=_pick(base, plain, _METER), start=start, end=end, date=date, time=time,
        minutes=None if slots else _pick(base, plain, _MINUTES), quality=_pick(base, plain, _QUALITY),
        channel=_pick(base, plain, _CHANNEL), unit=_pick(base, plain, _UNIT), values=values, slots=slots,
        slot_minutes=slot_minutes, clock_code="utc" if is_utc else "local", label_code=chosen,
        slot_unit=_slot_unit(names, slots), zone=_pick(plain, plain, _ZONE), dst=_pick(plain, plain, _DST),
    )  # fmt: skip
    check_unique(names, layout.used)
    return layout


def check_unique(names: list[str], used: Iterable[int]) -> None:
    """Make sure that no column which means something has a namesake, of which only one would be read.

    Args:
        names: Column names in order.
        used: Positions of the columns that mean something.

    Raises:
        UnreadableFile: One has.
    """
    plain = [re.sub("_gmt$", "_utc", plain_name(name).removesuffix("_local")) for name in names]
    counts = Counter(plain)
    for index in used:
        if counts[plain[index]] > 1:
            raise UnreadableFile(f'the file has several columns "{names[index][:_SHOWN_CHARACTERS]}"; keep one of them')


def is_column_name(plain: str) -> bool:
    """True where a plain name, see `plain_name`, means something in a table of interval reads."""
    match = _CLOCK_WORD.match(plain)
    base = match.group(1) if match else plain
    unit = _UNIT_WORD.match(plain)
    energy = (unit.group(1) or unit.group(4) or "") if unit else plain
    return plain != "" and (base in _NAMES or plain in _NAMES or energy in (*_DELIVERED, *_RECEIVED))


def plain_name(name: str) -> str:
    """A column's name in lower case, with one underscore for each run of other characters than letters and digits."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _pick(base: list[str], plain: list[str], aliases: tuple[str, ...]) -> int | None:
    """Position of the column with the most preferred name; a name in UTC before the same in local time."""
    ranked = [
        (not plain[index].endswith(("_utc", "_gmt")), aliases.index(name), index)
        for index, name in enumerate(base)
        if name in aliases
    ]
    return min(ranked)[2] if ranked else None


def _values(plain: list[str]) -> tuple[ValueColumn, ...]:
    found: dict[str, list[ValueColumn]] = {"delivered": [], "received": []}
    for index, name in enumerate(plain):
        match = _UNIT_WORD.match(name)
        unit = (match.group(2) or match.group(3)) if match else None
        word = (match.group(1) or match.group(4) or "") if match else name
        if word in _DELIVERED and (word or unit):
            found["delivered"].append(ValueColumn(index, "delivered", unit))
        elif word in _RECEIVED:
            found["received"].append(ValueColumn(index, "received", unit))
    for channel_code, columns in found.items():
        if len(columns) > 1:
            claimed = ", ".join(plain[column.index] for column in columns)
            raise UnreadableFile(f"several columns could hold {channel_code} energy: {claimed}; keep one of them")
    return (*found["delivered"], *found["received"])


def _slots(names: list[str]) -> tuple[tuple[SlotColumn, ...], int | None, str]:
    """Interval columns of a wide table, their length in minutes, and what names them: start, end or position."""
    lowered = [name.strip().lower() for name in names]
    timed = []
    for index, name in enumerate(lowered):
        if match := _SLOT_TIME.match(name):
            hour, minute = (int(part) for part in match.groups() if part is not None)
            if minute < 60 and hour * 60 + minute <= _DAY_MINUTES + _MAX_EXTRA_MINUTES:
                timed.append(SlotColumn(index, names[index].strip(), hour * 60 + minute))
    if len(timed) >= 24:
        minutes = [slot.minute for slot in timed]
        steps = Counter(later - earlier for earlier, later in pairwise(minutes))
        step = steps.most_common(1)[0][0]
        if step in ALLOWED_MINUTES:
            _check_slots([names[slot.index] for slot in timed], minutes)
            return tuple(timed), step, "start" if minutes[0] == 0 else "end"
    places = [(index, int(m.group(1))) for index, name in enumerate(lowered) if (m := _SLOT_POSITION.match(name))]
    for step in ALLOWED_MINUTES[:-1]:
        per_day, extra = _DAY_MINUTES // step, _MAX_EXTRA_MINUTES // step
        if per_day <= len(places) <= per_day + extra:
            first = places[0][1]
            numbers = [number for _, number in places]
            _check_slots([names[index] for index, _ in places], numbers)
            if first in (0, 1) and numbers == list(range(first, first + len(numbers))):
                slots = tuple(SlotColumn(i, names[i].strip(), (number - first) * step) for i, number in places)
                return slots, step, "position"
    return (), None, "start"


def _check_slots(names: list[str], labels: list[int]) -> None:
    """Make sure that every interval of the day has one column."""
    label, count = Counter(labels).most_common(1)[0]
    if count > 1:
        raise UnreadableFile(
            f'several columns stand for the interval "{names[labels.index(label)][:_SHOWN_CHARACTERS].strip()}"; keep '
            "one of them, and send a 25-hour day as one line per read or in UTC"
        )


def _slot_unit(names: list[str], slots: tuple[SlotColumn, ...]) -> str | None:
    """Unit that the names of all interval columns state, as in kwh_0015."""
    units = {match.group(1) for slot in slots if (match := re.match(r"(kwh|mwh|wh)[_ ]", names[slot.index].lower()))}
    return units.pop() if len(units) == 1 else None
