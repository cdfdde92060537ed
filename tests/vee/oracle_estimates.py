"""The estimation ladder for the oracle: like days, class profiles and scaling, in fractions."""

import csv
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor, inf
from pathlib import Path

from tests.vee.facts import Cell, half_up
from tests.vee.oracle_rules import Span

SHORT_GAP_MINUTES, LOOKBACK_DAYS, MOST_DAYS, FEWEST_DAYS = 120, 60, 10, 3
PROFILES = Path(__file__).parents[2] / "data" / "reference" / "class_profiles.csv"
WITH_PROFILES = list(csv.DictReader(PROFILES.read_text(encoding="utf-8").splitlines()))
BY_KIND = {
    (row["customer_class"], row["climate_zone"], row["channel_code"], row["day_type"], row["temperature_bin"]): [
        int(row[f"h{hour:02}_wh"]) for hour in range(24)
    ]
    for row in WITH_PROFILES
}


class Estimator:
    """Estimates of one meter; `highs` are tenths of a degree by date."""

    def __init__(
        self,
        customer_class: str,
        zone: str | None,
        highs: Mapping[date, int | None],
        holidays: Collection[date],
    ) -> None:
        self.customer_class, self.climate_zone, self.highs, self.holidays = customer_class, zone, highs, holidays

    def estimate(
        self, channel: str, cells: list[Cell], whole: Mapping[date, list[Cell]]
    ) -> Iterable[tuple[date, date]]:
        """Give open cells a value where a rule has one; return estimated days with their reference days."""
        for cell in cells:
            if cell.exact is None and cell.reported is None and cell.is_unserved:
                cell.exact, cell.final, cell.method = 0, 0, "E4"
        rests_on: dict[date, list[date]] = {}
        for first, end in _runs(cells):
            gap = cells[first:end]
            known = [cells[n] for n in (first - 1, end) if 0 <= n < len(cells) and cells[n].known is not None]
            ends = [cell.known for cell in known if not cell.is_dark]
            is_dark = len(known) == 2 and not ends
            if sum(c.slot.minutes for c in gap) <= SHORT_GAP_MINUTES and (ends or is_dark):
                left, right = (Fraction(ends[0] or 0), Fraction(ends[-1] or 0)) if ends else (Fraction(0),) * 2
                for step, cell in enumerate(gap, start=1):
                    cell.final = half_up(left + (right - left) * step / (len(gap) + 1))
                    cell.method = "E4" if is_dark else "E1"
                continue
            for cell in gap:
                days = rests_on.setdefault(cell.slot.day, self._like_days(cell.slot.day, whole))
                same_minute = [
                    Fraction(c.valid or 0)
                    for d in days
                    for c in whole[d]
                    if c.slot.minute_of_day == cell.slot.minute_of_day
                ]
                if same_minute:
                    cell.final, cell.method = half_up(sum(same_minute) / len(same_minute)), "E2"
                elif (by_class := self._by_class(channel, cell, whole)) is not None:
                    cell.final, cell.method = by_class, "E3"
        return [(day, reference) for day, days in rests_on.items() for reference in days]

    def scale(self, span: Span) -> None:
        """Let estimates between two readings come to what the register says, in the shape of the estimates."""
        openings = [cell for cell in span.cells if cell.known is None]
        is_blocked = any(cell.is_kept or cell.failed == "V13" for cell in span.cells)
        if not openings or is_blocked or span.counted is None:
            return
        residual = span.counted - sum(cell.known or 0 for cell in span.cells)
        is_shaped = all(cell.final is not None for cell in openings) or len(openings) == 1
        if is_shaped and 0 <= residual <= sum(cell.limit for cell in openings):
            self._share(residual, openings, span.factor or 1)

    def _share(self, residual: int, openings: list[Cell], factor: int) -> None:
        weights = [(c.reported if c.factor else factor * (c.final or 0)) or 0 for c in openings]
        weights = [1] if len(openings) == 1 else weights
        if not any(weights):
            weights = [1] * len(openings)
        sums = [0, *accumulate(weights)]
        ends = [half_up(Fraction(residual * part, sums[-1])) for part in sums]
        shares = [b - a for a, b in pairwise(ends)]
        if all(share <= cell.limit for share, cell in zip(shares, openings, strict=True)):
            for share, cell in zip(shares, openings, strict=True):
                cell.final, cell.method = share, "E0" if len(openings) == 1 else f"{cell.method}R"

    def _like_days(self, target: date, whole: Collection[date]) -> list[date]:
        days = [
            day
            for day in whole
            if timedelta(0) < target - day <= timedelta(days=LOOKBACK_DAYS)
            and self._is_working(day) == self._is_working(target)
        ]
        days.sort(key=lambda day: (self._distance(day, target), target - day))
        return days[:MOST_DAYS] if len(days) >= FEWEST_DAYS else []

    def _distance(self, day: date, target: date) -> float:
        high, wanted = self.highs.get(day), self.highs.get(target)
        return inf if high is None or wanted is None else abs(high - wanted)

    def _is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def _class_hours(self, channel: str, day: date) -> list[int] | None:
        high = self.highs.get(day)
        bins = ["any"] if high is None else [str(5 * floor(Fraction(high, 50))), "any"]
        day_type = "weekday" if self._is_working(day) else "weekend"
        keys = (
            (self.customer_class, zone, channel, day_type, one)
            for zone in (self.climate_zone or "any", "any")
            for one in bins
        )
        return next((BY_KIND[key] for key in keys if key in BY_KIND), None)

    def _by_class(self, channel: str, cell: Cell, whole: Mapping[date, list[Cell]]) -> int | None:
        """The class profile at the height of the meter's own valid days."""
        own = theirs = 0
        for day, cells in whole.items():
            hours = self._class_hours(channel, day)
            if timedelta(0) < cell.slot.day - day <= timedelta(days=LOOKBACK_DAYS) and hours:
                own, theirs = own + sum(c.valid or 0 for c in cells), theirs + sum(hours)
        hours = self._class_hours(channel, cell.slot.day)
        if not theirs or hours is None:
            return None
        of_class = Fraction(hours[cell.slot.minute_of_day // 60] * cell.slot.minutes, 60)
        return half_up((sum(hours) if cell.slot.minutes > 60 else of_class) * Fraction(own, theirs))


def _runs(cells: list[Cell]) -> Iterable[tuple[int, int]]:
    first = None
    for n, cell in enumerate(cells):
        if cell.is_open and first is None:
            first = n
        elif not cell.is_open and first is not None:
            yield first, n
            first = None
    if first is not None:
        yield first, len(cells)
