"""Settings of usage history and of the weather model: thresholds as data, frozen once read."""

from dataclasses import dataclass

from models.documents import DocumentError, Node

REQUIREMENT_CODES = ("marketing",)
"""Uses of usage history that need a certain length of it."""

_MOST_DAYS, _MOST_MONTHS = 3660, 120
_WARMEST_DEGC = 60


@dataclass(frozen=True)
class HistoryRequirement:
    """How much history a use of it needs.

    Attributes:
        requirement_code: Use, of `REQUIREMENT_CODES`.
        month_count: Months, as people say it.
        day_count: The same in civil dates, as it is counted.
        minimum_valid_ratio: Least share of valid intervals in the latest `day_count` dates, 0 to 1.
    """

    requirement_code: str
    month_count: int
    day_count: int
    minimum_valid_ratio: float


@dataclass(frozen=True)
class WeatherModelSettings:
    """How the daily use of an account is set against temperature.

    Attributes:
        window_day_count: Latest civil dates that are looked at.
        minimum_day_count: Valid days among them without which there is no model.
        heating_tenths: Balance points tried for heating, in tenths of a °C, rising.
        cooling_tenths: Balance points tried for cooling, in tenths of a °C, rising.
        minimum_active_day_count: Valid days with degree days without which a balance point is not tried.
        minimum_degree_tenths: Degree days of the valid days without which it is not tried, in tenths.
    """

    window_day_count: int
    minimum_day_count: int
    heating_tenths: tuple[int, ...]
    cooling_tenths: tuple[int, ...]
    minimum_active_day_count: int
    minimum_degree_tenths: int


@dataclass(frozen=True)
class UsageSettings:
    """All settings of usage history.

    Attributes:
        base_tenths: Base of the published degree days, in tenths of a °C.
        weather_model: How accounts are set against the weather.
        history: How much history each use needs.
    """

    base_tenths: int
    weather_model: WeatherModelSettings
    history: tuple[HistoryRequirement, ...]

    @classmethod
    def from_document(cls, node: Node) -> "UsageSettings":
        """Settings from the reference file.

        Raises:
            DocumentError: With one sentence per mistake.
        """
        fields = node.fields(("degree_day_base_degc", "weather_model", "history_requirements"))
        uses = fields["history_requirements"].fields(REQUIREMENT_CODES)
        settings = cls(
            base_tenths=_tenths(fields["degree_day_base_degc"]),
            weather_model=_weather_model(fields["weather_model"]),
            history=tuple(_requirement(code, uses[code]) for code in REQUIREMENT_CODES),
        )
        if node.mistakes:
            raise DocumentError(node.mistakes)
        return settings


def _weather_model(node: Node) -> WeatherModelSettings:
    fields = node.fields(
        (
            "window_day_count",
            "minimum_day_count",
            "balance_step_degc",
            "heating_balance_degc",
            "cooling_balance_degc",
            "minimum_active_day_count",
            "minimum_degree_days_degc",
        )
    )
    step = _tenths(fields["balance_step_degc"])
    if fields["balance_step_degc"].is_present and step == 0:
        fields["balance_step_degc"].wrong("must be 0.1 or more")
    window = fields["window_day_count"].integer(1, _MOST_DAYS)
    return WeatherModelSettings(
        window_day_count=window,
        minimum_day_count=fields["minimum_day_count"].integer(4, max(window, 4)),
        heating_tenths=_grid(fields["heating_balance_degc"], max(step, 1)),
        cooling_tenths=_grid(fields["cooling_balance_degc"], max(step, 1)),
        minimum_active_day_count=fields["minimum_active_day_count"].integer(1, _MOST_DAYS),
        minimum_degree_tenths=_tenths(fields["minimum_degree_days_degc"]),
    )


def _grid(node: Node, step: int) -> tuple[int, ...]:
    """Balance points from the first to the last, both included."""
    bounds = [_tenths(element) for element in node.elements()]
    if len(bounds) != 2 or bounds[0] > bounds[1] or bounds[1] > 10 * _WARMEST_DEGC:
        if node.is_present:
            node.wrong(f"must be two temperatures up to {_WARMEST_DEGC}, the lower one first, such as [5, 20]")
        return (0,)
    return tuple(range(bounds[0], bounds[1] + 1, step))


def _tenths(node: Node) -> int:
    """A temperature or difference in tenths of a degree; more digits are a mistake."""
    value = node.number(0)
    if round(10 * value) != round(10 * value, 6):
        node.wrong(f"must have at most one digit after the point, not {value:g}")
    return round(10 * value)


def _requirement(requirement_code: str, node: Node) -> HistoryRequirement:
    fields = node.fields(("month_count", "day_count", "minimum_valid_ratio"))
    ratio = fields["minimum_valid_ratio"].number(0)
    if ratio > 1:
        fields["minimum_valid_ratio"].wrong(f"must be a share from 0 to 1, not {ratio:g}")
    return HistoryRequirement(
        requirement_code=requirement_code,
        month_count=fields["month_count"].integer(1, _MOST_MONTHS),
        day_count=fields["day_count"].integer(1, _MOST_DAYS),
        minimum_valid_ratio=ratio,
    )
