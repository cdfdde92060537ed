"""Why a reported value does not stand: by its own fault, or by a rule of its date that the record names."""

from models.explain.estimates import Estimator
from models.explain.facts import FinalValue

_FAULTS = {
    "V02": "the reported value is of another length (V02)",
    "V04": "the reported value is negative (V04)",
    "V13": "the value was reported before its interval had ended (V13)",
}
_BY_REGISTER = frozenset(("V06", "V07", "V08", "V09", "V15", "V16"))
"""Rules that take a value out of use only where the register contradicts it."""
_OF_VALUES = _BY_REGISTER | {"V05"}
_ACTIONS = ("estimate", "replace", "keep")


def reason(estimator: Estimator, value: FinalValue) -> str | None:
    """Why the value is not valid, in one sentence; None where it is.

    What a single value says is seen on the value itself. Spikes, stuck values, false zeros, sums, units and multipliers
    are taken from the record, which names them by date.
    """
    if value.is_valid:
        return None
    facts = estimator.facts
    reported = facts.reported_wh(value.channel_code, value.interval_start_utc)
    fault = facts.fault(value)
    if fault in _FAULTS:
        return _FAULTS[fault]
    if reported is None:
        return "nothing was reported (V03)"
    failed = facts.failed_rules.get((value.channel_code, value.usage_date), {})
    rules = [rule for rule in sorted(failed) if rule in _OF_VALUES and failed[rule] in _ACTIONS]
    named = ", ".join(f"{rule} ({failed[rule]})" for rule in rules) or "no rule that takes values out of use"
    register = estimator.register_says(value) if _BY_REGISTER.intersection(rules) else None
    return f"the record of the date names {named}" + (f"; {register}" if register else "")
