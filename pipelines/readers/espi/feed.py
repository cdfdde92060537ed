"""Resources of a Green Button feed and the links between them: who measured what, in which unit, on which clock."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from pipelines.readers.options import UnreadableFile

_NORTH_AMERICA = ("360E2000", "B40E2000")
"""DST start and end rule since 2007: second Sunday of March and first Sunday of November at 02:00."""

_NORTH_AMERICAN_ZONES = {
    -36000: "America/Adak",
    -32400: "America/Anchorage",
    -28800: "America/Los_Angeles",
    -25200: "America/Denver",
    -21600: "America/Chicago",
    -18000: "America/New_York",
    -14400: "America/Halifax",
    -12600: "America/St_Johns",
}
_NO_RULE = ("", "00000000", "FFFFFFFF")
_ELECTRICITY = ("", "0", "1", "2")
_WATT_HOURS = "72"
_DELTA = ("", "0", "4")
_UNITS = {"5": "A", "29": "V", "38": "W", "61": "VA", "63": "var", "65": "cos phi", "71": "VAh", "73": "varh"}
"""Electric units of measure beside watt-hours."""

FIELDS = (
    "kind", "uom", "commodity", "flowDirection", "accumulationBehaviour", "powerOfTenMultiplier", "intervalLength",
    "dstStartRule", "dstEndRule", "dstOffset", "tzOffset",
)  # fmt: skip
"""Fields of resources that say something about their readings."""
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_SHOWN_CHARACTERS = 60
_OWN_ADDRESS = "UsagePoint/"
"""A usage point right below resource/ has an id of its own; elsewhere ids repeat from customer to customer."""

_CHANNELS = {"": "delivered", "0": "delivered", "1": "delivered", "19": "received"}


@dataclass
class Entry:
    """One Atom entry: its identity and links, and the plain fields of the resource that it carries."""

    kind: str
    entry_id: str = ""
    self_href: str = ""
    up_href: str = ""
    related: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


class Block(NamedTuple):
    """The links of an entry of interval readings."""

    self_href: str
    up_href: str


@dataclass(frozen=True)
class Source:
    """What the readings of one block have in common.

    Attributes:
        meter_id: Meter, None where no usage point is linked.
        channel_code: delivered or received; None where `reason` is set.
        stream_code: The reading type's unit and flow direction, where it is no energy.
        unit_code: Unit, where it is no energy.
        power_of_ten: Wh = value x 10^power_of_ten.
        interval_seconds: Length that the reading type states, if any.
        reason: Why none of the block's readings can be taken.
    """

    meter_id: str | None = None
    channel_code: str | None = None
    stream_code: str | None = None
    unit_code: str | None = None
    power_of_ten: int = 0
    interval_seconds: int | None = None
    reason: str | None = None


class Feed:
    """The resources of one file, found by their links.

    A resource is found by its own address, by the collection that another one names in `related`, or by the `up`
    link of its children. Where a feed leaves links out and holds only one resource of a kind, that one is meant.
    """

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._by_href: dict[str, dict[str, Entry]] = {}

    def add(self, entry: Entry) -> None:
        """Take in one entry that is no interval block."""
        self._entries.setdefault(entry.kind, []).append(entry)

    def source(self, block: Block | None) -> Source:
        """What a block's readings measure.

        Args:
            block: Links of the IntervalBlock, None for a block outside an entry.

        Returns:
            Meter, channel and unit, or a reason.
        """
        reading = self._parent(block, "MeterReading", "IntervalBlock")
        if reading is None and len(self._entries.get("MeterReading", [])) > 1:
            return Source(reason="the block is linked to no MeterReading of the file")
        point = self._parent(reading or block, "UsagePoint", "MeterReading")
        if point is None:
            return Source(reason="the block is linked to no UsagePoint of the file")
        meter_id = _meter_id(point)
        if point.fields.get("kind", "0") != "0":
            return Source(
                meter_id, reason=f"the usage point's service is of kind {_shown(point.fields['kind'])}, not electricity"
            )
        reading_type = self._related(reading, "ReadingType")
        if reading_type is None:
            return Source(meter_id, reason="the block is linked to no ReadingType of the file")
        return _typed_source(meter_id, reading_type.fields)

    def time_zone(self, blocks: list[Block | None]) -> str | None:
        """IANA zone of the usage points of blocks; None where the file states none.

        Raises:
            UnreadableFile: The zones differ, or an offset and rule name no zone.
        """
        points = {id(point): point for block in blocks if (point := self._point(block)) is not None}
        found = {self._zone_of(point) for point in points.values()} or {self._zone_of(None)}
        zones = found - {None}
        if len(zones) > 1:
            listed = ", ".join(sorted(zone for zone in zones if zone))
            raise UnreadableFile(f"the file holds meters of several time zones ({listed}); give --time-zone")
        return zones.pop() if zones else None

    def _point(self, block: Block | None) -> Entry | None:
        reading = self._parent(block, "MeterReading", "IntervalBlock")
        return self._parent(reading or block, "UsagePoint", "MeterReading")

    def _zone_of(self, point: Entry | None) -> str | None:
        parameters = self._related(point, "LocalTimeParameters")
        return None if parameters is None else _zone(parameters.fields)

    def _parent(self, child: Block | Entry | None, kind: str, child_kind: str) -> Entry | None:
        """The `kind` entry above a child, by the child's address or the collection that holds it."""
        candidates = self._entries.get(kind, [])
        if child is not None:
            above = self._collections(kind, child_kind)
            for href in (child.up_href, child.self_href, child.self_href.rpartition("/")[0]):
                if href and href in above:
                    return above[href]
        return candidates[0] if len(candidates) == 1 else None

    def _collections(self, kind: str, child_kind: str) -> dict[str, Entry]:
        """Every address under which entries of a kind hold their children."""
        if kind not in self._by_href:
            above: dict[str, Entry] = {}
            for entry in self._entries.get(kind, []):
                for href in ([f"{entry.self_href}/{child_kind}"] if entry.self_href else []) + entry.related:
                    above.setdefault(href, entry)
            self._by_href[kind] = above
        return self._by_href[kind]

    def _related(self, entry: Entry | None, kind: str) -> Entry | None:
        """The `kind` entry that an entry links to."""
        candidates = self._entries.get(kind, [])
        if entry is not None and kind not in self._by_href:
            self._by_href[kind] = {found.self_href: found for found in reversed(candidates) if found.self_href}
        if entry is not None:
            for href in entry.related:
                if href in self._by_href[kind]:
                    return self._by_href[kind][href]
        return candidates[0] if len(candidates) == 1 else None


def _meter_id(point: Entry) -> str:
    _, found, path = point.self_href.partition("resource/")
    if found and path.startswith(_OWN_ADDRESS) and path.count("/") == 1:
        return unquote(path.removeprefix(_OWN_ADDRESS))
    return path if found and path else point.entry_id or point.self_href


def _typed_source(meter_id: str, fields: dict[str, str]) -> Source:
    """Channel and unit by a ReadingType's fields."""
    uom, commodity = fields.get("uom", ""), fields.get("commodity", "")
    flow, behaviour = fields.get("flowDirection", ""), fields.get("accumulationBehaviour", "")
    multiplier, length = fields.get("powerOfTenMultiplier", "") or "0", fields.get("intervalLength", "")
    reason, power, seconds = None, _whole_number(multiplier), _whole_number(length)
    if commodity not in _ELECTRICITY:
        reason = f"commodity {_shown(commodity)} is not electricity (1)"
    elif behaviour not in _DELTA:
        reason = f"accumulation behaviour {_shown(behaviour)} is not a quantity per interval (4)"
    elif power is None or abs(power) > 12:
        reason = f'power of ten multiplier "{_shown(multiplier)}" is not a whole number from -12 to 12'
    elif uom == _WATT_HOURS and flow not in _CHANNELS:
        reason = f"flow direction {_shown(flow)} is neither delivered (1) nor received (19)"
    if reason is not None or power is None:
        return Source(meter_id, reason=reason)
    seconds = seconds if seconds is not None and seconds > 0 else None
    if uom != _WATT_HOURS:
        unit = _UNITS.get(uom, f"uom {_shown(uom) or '(none)'}")
        scaled = f"10^{power} {unit}" if power else unit
        return Source(meter_id, None, _shown(f"uom {uom} flow {flow}"), scaled, interval_seconds=seconds)
    return Source(meter_id, _CHANNELS[flow], power_of_ten=power, interval_seconds=seconds)


def _whole_number(text: str) -> int | None:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def _shown(text: str) -> str:
    return text[:_SHOWN_CHARACTERS]


def _zone(fields: dict[str, str]) -> str:
    """IANA zone by LocalTimeParameters: offset in seconds east of Greenwich, and DST rule."""
    rules = tuple(fields.get(name, "").upper() for name in ("dstStartRule", "dstEndRule"))
    text = fields.get("tzOffset", "")
    offset = _whole_number(text)
    if offset is None:
        raise UnreadableFile(f'the time zone offset "{_shown(text)}" is not a number; give --time-zone')
    has_dst = any(rule not in _NO_RULE for rule in rules) and fields.get("dstOffset", "3600") != "0"
    if has_dst and rules == _NORTH_AMERICA and offset in _NORTH_AMERICAN_ZONES:
        return _NORTH_AMERICAN_ZONES[offset]
    if not has_dst and offset % 3600 == 0 and -12 <= offset // 3600 <= 14:
        hours = offset // 3600
        return f"Etc/GMT{-hours:+d}" if hours else "Etc/UTC"
    raise UnreadableFile(
        f"a time zone offset of {offset} s with daylight saving rules {_shown(rules[0]) or '(none)'} and "
        f"{_shown(rules[1]) or '(none)'} names no known time zone; give --time-zone"
    )
