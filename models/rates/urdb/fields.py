"""Fields of a URDB record: which are priced, which must be zero, which are prose.

Names are those of URDB's API, versions 3 to 8 (https://openei.org/services/doc/rest/util_rates/), and spellings of the
same fields in downloaded tables.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from models.rates.urdb.findings import Findings
from models.rates.urdb.values import holds_amount, is_nothing, shown

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "dgRules": "dgrules",
        "demandRateUnits": "demandrateunit",
        "demandRateUnit": "demandrateunit",
        "flatDemandUnits": "flatdemandunit",
        "flatDemandUnit": "flatdemandunit",
        "demandUnits": "demandunits",
        "demandComments": "demandcomments",
        "energyComments": "energycomments",
        "supercedes": "supersedes",
        "sourceReference": "source",
    }
)
_PRICED = frozenset(
    {
        "energyratestructure", "energyweekdayschedule", "energyweekendschedule",
        "flatdemandstructure", "flatdemandmonths", "flatdemandunit",
        "demandratestructure", "demandweekdayschedule", "demandweekendschedule", "demandrateunit", "demandunits",
        "fixedchargefirstmeter", "fixedchargeunits", "fixedmonthlycharge",
        "mincharge", "minchargeunits", "minmonthlycharge", "annualmincharge", "dgrules", "x_holiday_dates",
    }
)  # fmt: skip
_MUST_BE_ZERO: Mapping[str, str] = MappingProxyType(
    {
        "demandreactivepowercharge": "reactive_power",
        "coincidentratestructure": "coincident_peak",
        "fueladjustmentsmonthly": "fuel_adjustment",
        "demandratchetpercentage": "demand_ratchet",
        "lookbackpercent": "demand_ratchet",
        "lookbackrange": "demand_ratchet",
    }
)
_LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "fixedchargeeaaddl": "is for each further meter; one meter is priced",
        "demandReactPwrCharge": "is a price of reactive power, which a load in kWh does not show",
        "x_delivery_min_per_day": "is a floor on delivery charges alone, which this form cannot price",
        "x_three_phase_adder_per_day": "is for three-phase service; single-phase service is priced",
        "x_not_included": "names what the prices leave out",
        "x_demand_rounding": "says that demand is rounded; it is not rounded here",
        "energyattrs": "are notes about further prices",
        "demandattrs": "are notes about further prices",
        "fixedattrs": "are notes about further prices",
        "energykeyvals": "are notes about further prices",
        "demandkeyvals": "are notes about further prices",
        "fixedkeyvals": "are notes about further prices",
    }
)
_PROSE = frozenset(
    {
        "label", "utility", "name", "uri", "approved", "is_default", "startdate", "enddate", "supersedes", "sector",
        "servicetype", "description", "source", "sourceparent", "basicinformationcomments", "energycomments",
        "demandcomments", "country", "eiaid", "revisions", "usenetmetering", "energytoulabels", "rateName",
        "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax",
        "peakkwhusagehistory", "mindemand", "maxdemand", "serviceMin", "serviceMax", "voltageminimum",
        "voltagemaximum", "voltagecategory", "phasewiring", "coincidentrateunit", "coincidentschedule",
        "coincidentrateschedule", "lookbackmonths", "demandwindow",
        "x_provenance", "x_timezone", "x_season", "x_status", "x_baseline_credit_per_kwh", "x_baseline_encoding",
        "x_holidays", "x_holiday_policy", "x_unsupported",
    }
)  # fmt: skip
_LIKE_A_CHARGE = re.compile(
    r"charge|rate|adj|fee\b|fees\b|cost|price|credit|discount|rider|tax|surcharge|minimum|structure|strux|sell|"
    r"ratchet|reactive|coincident|react",
    re.IGNORECASE,
)


def sorted_fields(record: Mapping[str, object], findings: Findings) -> dict[str, object]:
    """The fields that are priced, under one spelling each; what stands in all others is judged.

    A field that must be zero and is not, and an unknown one that looks like a charge and holds an amount, are refused.
    Two spellings of one field must agree.
    """
    fields: dict[str, object] = {}
    for key, value in record.items():
        name = _SPELLINGS.get(key, key)
        if name in fields and fields[name] != value and name in _PRICED:
            findings.refuse("wrong_value", f"{name} stands under two spellings with different values")
        fields[name] = value
        _judge(name, value, findings)
    return fields


def _judge(name: str, value: object, findings: Findings) -> None:
    if name in _PRICED or is_nothing(value):
        return
    if name in _MUST_BE_ZERO:
        if not holds_amount(value):
            return
        findings.refuse(_MUST_BE_ZERO[name], f"{name} is {shown(value)}, which is not priced")
    elif name in _LEFT_OUT:
        findings.point_out("ignored_charge", f"{name} {_LEFT_OUT[name]}")
    elif name == "x_holidays":
        findings.point_out(
            "holidays_not_applied", "x_holidays has no dates and is not applied; list them in x_holiday_dates"
        )
    elif name == "demandwindow":
        findings.point_out(
            "demand_window", f"demandwindow is {shown(value)} minutes; demand is that of the load's intervals"
        )
    elif name not in _PROSE:
        _judge_unknown(name, value, findings)


def _judge_unknown(name: str, value: object, findings: Findings) -> None:
    if _LIKE_A_CHARGE.search(name) and holds_amount(value):
        findings.refuse("unknown_charge", f"{shown(name)} is not known, and looks like a charge of {shown(value)}")
    else:
        findings.point_out("ignored_field", f"{shown(name)} is not known and not priced")
