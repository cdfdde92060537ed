"""Final values once more: as reported, estimated, or unknown for a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from models.explain.estimates import Estimator
from models.explain.facts import FinalValue, MeterFacts, NotRecomputableError, RegisterReading
from models.explain.reasons import reason


@dataclass(frozen=True)
class Recomputed:
    """An interval's value from the raw rows.

    Attributes:
        value: What is recorded.
        wh: What the raw rows and the recorded actions lead to; None where it is unknown or cannot be recomputed.
        how: The arithmetic, or why there is no value, in a few words.
        problem: Why the record does not lead to the recorded value, None where it does.
        is_complete: False where the record does not lead to any value.
        readings: Register readings that it was scaled to.
        reason: Why the reported value is not valid; None where it is.
    """

    value: FinalValue
    wh: int | None
    how: str
    problem: str | None = None
    is_complete: bool = True
    readings: tuple[RegisterReading, ...] = ()
    reason: str | None = None


def recompute(estimator: Estimator, value: FinalValue) -> Recomputed:
    """An interval's final value and adjustment from the raw rows and the recorded actions.

    Args:
        estimator: Of the value's channel.
        value: What is recorded.
    """
    try:
        found = _estimated(estimator, value) if value.method_code is not None else _of_quality(estimator.facts, value)
        return replace(_checked(estimator.facts, found), reason=reason(estimator, value))
    except NotRecomputableError as error:
        return Recomputed(value, None, "not recomputed", str(error), is_complete=False)


def _checked(facts: MeterFacts, found: Recomputed) -> Recomputed:
    value = found.value
    reported = facts.reported_wh(value.channel_code, value.interval_start_utc)
    adjustment = None if reported is None else (found.wh or 0) - reported
    if found.wh != value.final_wh:
        problem = f"recomputed {_told(found.wh)}, recorded {_told(value.final_wh)}"
    elif adjustment != value.adjustment_wh:
        problem = f"adjustment recomputed {_told(adjustment)}, recorded {_told(value.adjustment_wh)}"
    else:
        return found
    return replace(found, problem=problem)


def _estimated(estimator: Estimator, value: FinalValue) -> Recomputed:
    found = estimator.estimate(value)
    return Recomputed(value, found.wh, found.how, readings=found.readings)


def _of_quality(facts: MeterFacts, value: FinalValue) -> Recomputed:
    if value.quality_code not in _QUALITIES:
        raise NotRecomputableError(f"quality {value.quality_code} has no recomputation yet")
    return _QUALITIES[value.quality_code](facts, value)


def _as_reported(facts: MeterFacts, value: FinalValue) -> Recomputed:
    reported = facts.reported_wh(value.channel_code, value.interval_start_utc)
    if reported is None:
        raise NotRecomputableError("no reported value stands for the interval")
    return Recomputed(value, reported, "as reported")


def _decided(facts: MeterFacts, value: FinalValue) -> Recomputed:
    decision = facts.decision(value)
    verb = "edited" if value.quality_code == "G" else "verified"
    return Recomputed(value, decision.wh, f"{verb} by {decision.actor}: {decision.reason} (edit {decision.edit_id})")


def _questionable(facts: MeterFacts, value: FinalValue) -> Recomputed:
    reported = facts.reported_wh(value.channel_code, value.interval_start_utc)
    if reported is None:
        raise NotRecomputableError("quality Q, but no reported value stands for the interval")
    if value.final_wh is not None:
        return Recomputed(value, reported, "as reported, kept in question")
    if facts.fault(value) == "V13":
        return Recomputed(value, None, "unknown: a value from the future is refused, and nothing is put in its place")
    return Recomputed(value, None, f"unknown: the reported {reported} Wh failed a rule, and {_NOTHING_TO_ESTIMATE}")


def _missing(facts: MeterFacts, value: FinalValue) -> Recomputed:
    if facts.reported_wh(value.channel_code, value.interval_start_utc) is not None:
        raise NotRecomputableError("quality N, but a reported value stands for the interval")
    return Recomputed(value, None, f"unknown: nothing was reported, and {_NOTHING_TO_ESTIMATE}")


def _told(wh: int | None) -> str:
    return "unknown" if wh is None else f"{wh} Wh"


_NOTHING_TO_ESTIMATE = "neither its neighbours, earlier days, its class nor a register tell what it was"

_QUALITIES: Mapping[str, Callable[[MeterFacts, FinalValue], Recomputed]] = {
    "A": _as_reported,
    "V": _decided,
    "G": _decided,
    "Q": _questionable,
    "N": _missing,
}
"""What stands behind a value without a method, by quality."""
