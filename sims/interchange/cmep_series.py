"""CMEP records written series by series, for values that lie on a grid of time.

The same protocol as in `sims.interchange.cmep`, which takes frames of any order; here a meter's values come as an array
and most of their text from a table of fixed width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import numpy as np

from sims.interchange.cmep import UNITS, value_table
from sims.world.calendar import Array

NO_VALUE = "N0"
"""Flag of an interval without a value."""
_RECORD_VALUES = 96


@dataclass(frozen=True)
class SeriesWriter:
    """Writes the records of series to an open file.

    Attributes:
        file: Open file.
        created_utc: Time stamp of the records.
        flags: Texts of the flags; the first one is the usual one.
        sender: Identity of the sender.
        receiver: Identity of the receiver.
    """

    file: BinaryIO
    created_utc: datetime
    flags: Sequence[str]
    sender: str
    receiver: str = "METERHOUSE"

    def write_intervals(
        self, meter_id: str, channel: str, minutes: int, ends: Sequence[bytes], wh: Array, flag: Array, places: Array
    ) -> None:
        """Write interval values of a meter and channel.

        Args:
            meter_id: The meter.
            channel: delivered or received.
            minutes: Length of the intervals.
            ends: `stamps` of the end of each interval of the grid.
            wh: Watt-hours of the values to write.
            flag: Place in `flags` of each value; a value flagged `NO_VALUE` is left blank.
            places: Place in the grid of each value, rising.
        """
        count = len(places)
        if not count:
            return
        table = value_table(self.flags[0])
        width = table.shape[1]
        is_plain = (flag == 0) & (wh >= 0) & (wh < len(table))
        follows = np.diff(places, prepend=places[0]) == 1
        is_special = ~(is_plain & follows)
        is_special[::_RECORD_VALUES] = True
        special = np.flatnonzero(is_special).tolist()
        plain = np.take(table, wh, axis=0, mode="clip").reshape(-1).data
        interval = f"00{minutes // 1440:02}{minutes % 1440 // 60:02}{minutes % 60:02}"
        head = self._head(meter_id, UNITS[channel], interval)
        parts: list[bytes | memoryview] = []
        for row, end in zip(special, [*special[1:], count], strict=True):
            stamp = b","
            if not row % _RECORD_VALUES:
                size = min(count - row, _RECORD_VALUES)
                stamp = b"%b%d,%b" % (head, size, ends[places[row]])
            elif not follows[row]:
                stamp += ends[places[row]]
            parts.append(stamp)
            if is_plain[row]:
                parts.append(plain[width * row + 1 : width * end])
            else:
                parts.append(self._value(int(wh[row]), int(flag[row])))
                parts.append(plain[width * (row + 1) : width * end])
        parts.append(b"\r\n")
        self.file.write(b"".join(parts)[2:])

    def write_registers(self, meter_id: str, channel: str, read_at: Sequence[bytes], wh: Sequence[int]) -> None:
        """Write readings of a register.

        Args:
            meter_id: The meter.
            channel: delivered or received.
            read_at: `stamps` of the readings.
            wh: Watt-hours that the register shows, none below zero.
        """
        head, usual = self._head(meter_id, f"{UNITS[channel]}REG", ""), self.flags[0].encode()
        for first in range(0, len(wh), _RECORD_VALUES):
            some = slice(first, first + _RECORD_VALUES)
            readings = zip(read_at[some], wh[some], strict=True)
            values = [b"%b,%b,%d.%03d" % (at, usual, *divmod(value, 1_000)) for at, value in readings]
            self.file.write(b"%b%d,%b\r\n" % (head[2:], len(values), b",".join(values)))

    def _head(self, meter_id: str, units: str, interval: str) -> bytes:
        """Text between two records, up to the number of values."""
        identity = f"MEPMD01,19970819,{self.sender},,{self.receiver},,{self.created_utc:%Y%m%d%H%M}"
        return f"\r\n{identity},{meter_id},OK,E,{units},1,{interval},".encode()

    def _value(self, wh: int, flag: int) -> bytes:
        """Flag and kilowatt-hours."""
        text = self.flags[flag]
        if text == NO_VALUE:
            return f",{text},".encode()
        return f",{text},{'-' * (wh < 0)}{abs(wh) // 1000}.{abs(wh) % 1000:03}".encode()


def stamps(moments: Array) -> list[bytes]:
    """Stamps of instants (datetime64, naive UTC) as CMEP writes them."""
    texts = np.char.encode(moments.astype("datetime64[m]").astype(str)).tolist()
    return [text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:] for text in texts]
