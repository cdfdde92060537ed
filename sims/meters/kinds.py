"""Kinds of defects and how often they occur."""

from dataclasses import dataclass

TINY_LEAST_RATE = 0.001
"""At the scale `tiny` no kind is rarer than this, so that a few dozen meters have some of each."""


@dataclass(frozen=True)
class Kind:
    """A defect that befalls a meter on some day.

    Attributes:
        share: Share of meter-days.
        mean_days: Local days that it touches on average.
        is_mdms_only: It befalls only meters that the MDMS sends.
    """

    share: float
    mean_days: float = 1.0
    is_mdms_only: bool = False

    def rate(self, scale: str) -> float:
        """Chance per meter-day that it begins."""
        share = max(self.share, TINY_LEAST_RATE) if scale == "tiny" else self.share
        return share / self.mean_days


PASSING = {
    "gap_short": Kind(0.008),
    "gap_long": Kind(0.0025),
    "gap_days": Kind(0.0005, mean_days=2.5),
    "spike": Kind(0.0003),
    "stuck": Kind(0.0003, mean_days=2.1),
    "false_zero": Kind(0.0005),
    "negative": Kind(0.0001),
    "duplicate": Kind(0.003, is_mdms_only=True),
    "conflict": Kind(0.0002, is_mdms_only=True),
    "late": Kind(0.015, is_mdms_only=True),
    "very_late": Kind(0.001, is_mdms_only=True),
    "register_reset": Kind(0.00005, is_mdms_only=True),
}
"""Defects that begin on a day and pass.

Gaps of at most two hours, of more within a day, of two or three days; a single spike of ten to a thousand times the
meter's greatest value, or 65535; the same value for 6 to 48 hours; zeros for 1 to 24 hours while the register moves; a
changed sign; a day sent twice, identical or after a wrong first sending; a day that arrives 1 to 5 days late, or more
than 30; registers that begin again at zero.
"""

LASTING = {"clock_drift": 0.004, "wrong_multiplier": 0.003, "wrong_unit": 0.003, "reversed_channels": 0.02}
"""Defects that begin on a day and stay, by share of meters (of those with panels for `reversed_channels`).

They are more frequent than in life, so that at the scale `demo` several meters have each.

A clock that loses 1 to 20 seconds a day and is set right when it is a quarter of an hour late; values ten times too
large; watt-hours sent as kilowatt-hours; both directions exchanged.
"""

LASTING_WAIT_DAYS = (20, 300)
"""Days from a meter's first one to the beginning of a lasting defect: the least, and one more than the most."""

OTHERS = ("wrong_stamp", "register_rollover", "meter_exchange")
"""Labels of what is no chance of a meter-day: a series of files with the start of intervals where their end should be;
registers that pass their highest value; the rest of the day on which a meter was removed."""

DEFECTS = (*PASSING, *LASTING, *OTHERS)
"""All values of `defect_type`."""
