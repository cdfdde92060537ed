"""Tables of the analytics layer that the comparison of options and the recommendation rest on."""

import dataframely as dy

from models.columns import code, count, local_date, minutes, watt_hours
from models.options.catalogue import OPTION_TYPES
from models.options.compare import COST_REASON_CODES
from models.options.relations import REQUIREMENT_CODES
from models.options.scenarios import KINDS
from models.options.year import COMPARABILITY_CODES
from models.tables.base import Table
from models.tables.rates import BillingPeriods

_TERMS = {
    name: BillingPeriods.columns()[name]
    for name in (
        "customer_type", "rate_code", "baseline_region", "is_multi_family", "is_all_electric", "is_care", "is_fera",
        "is_medical_baseline", "has_net_metering",
    )
}  # fmt: skip


def _cents(description: str, *, nullable: bool = False) -> dy.Int64:
    return dy.Int64(nullable=nullable, description=description, metadata={"unit": "cent"})


def _ratio(description: str, *, nullable: bool = False) -> dy.Float64:
    return dy.Float64(nullable=nullable, min=0, max=1, description=description)


def _now(name: str) -> dy.Column:
    text = (_TERMS[name].description or "").replace("on the last date of the period", "as it is now")
    return _TERMS[name].with_properties(description=text)


class ComparisonAccounts(dy.Schema):
    """Which accounts can be compared, and over which time."""

    account_id = dy.String(primary_key=True, description="Account that is served now.")
    customer_type = _now("customer_type")
    rate_code = _now("rate_code")
    held_option_id = dy.String(nullable=True, description="The option that the account holds now.")
    first_date = local_date("First local date of the bills compared; null without any.", nullable=True)
    end_date = local_date("Local date after the last one; null without any.", nullable=True)
    bill_count = count("Bills compared.")
    day_count = count("Days that they cover.")
    interval_minutes = minutes("Length of the account's intervals; null where it has none.", nullable=True)
    peak_wh = watt_hours("Largest energy delivered in an interval of these bills.", nullable=True, minimum=0)
    actual_ratio = _ratio(
        "Share of the intervals that are known and not estimated, in the season with fewer.", nullable=True
    )
    cooling_tons_milli = dy.Int64(
        nullable=True,
        min=0,
        description="Size of its central air conditioners in thousandths of a ton; null where their rating is unknown.",
        metadata={"unit": "0.001 ton"},
    )
    comparability_code = code(COMPARABILITY_CODES, "Whether it can be compared, before its bills are reproduced.")


class ComparisonBills(dy.Schema):
    """The bills that are priced under every option, with the terms that hold now."""

    account_id = dy.String(primary_key=True, description="Account.")
    bill_start_date = local_date("First local date of the bill.", primary_key=True)
    bill_end_date = local_date("Local date after the last one.")
    bill_id = dy.String(description="The customer system's bill.")
    interval_minutes = minutes("Length of the account's intervals.", nullable=True)
    customer_type = _now("customer_type")
    rate_code = _now("rate_code")
    baseline_region = _now("baseline_region")
    is_multi_family = _now("is_multi_family")
    is_all_electric = _now("is_all_electric")
    is_care = _now("is_care")
    is_fera = _now("is_fera")
    is_medical_baseline = _now("is_medical_baseline")
    has_net_metering = _now("has_net_metering")


class Options(dy.Schema):
    """What customers could hold: every rate, alone and with every set of programs that may stand beside it."""

    option_id = dy.String(primary_key=True, description="Option: its parts joined by plus signs, or a named bundle.")
    option_name = dy.String(description="Name for people.")
    option_type = code(OPTION_TYPES, "A rate alone, with one program or discount, or with several.")
    customer_type = dy.String(description="Class of customers that its rate is for.")
    rate_code = dy.String(description="Rate schedule.")
    is_time_of_use = dy.Bool(description="True where its rate has prices that depend on the hour.")
    program_ids = dy.String(description="Programs held beside it, sorted, with commas; empty without any.")
    discount_code = code(
        ("care", "fera"), "Discount that an account would have to ask for; null for none.", nullable=True
    )
    parts = dy.String(description="Rate, programs and discount, joined by plus signs.")
    part_count = count("Its parts.")
    one_time_cents = _cents("Paid to the customer once for joining; not part of costs.")
    is_priced = dy.Bool(description="False where its effect on bills is not known.")
    is_illustrative = dy.Bool(description="True where prices, program or expected events are not sourced.")


class OptionRequirements(dy.Schema):
    """What options ask of an account, part by part."""

    option_id = dy.String(primary_key=True, description="Option.")
    part_id = dy.String(primary_key=True, description="Rate, program or discount that asks for it.")
    requirement_code = code(REQUIREMENT_CODES, "What is asked for.", primary_key=True)
    accepted_values = dy.String(nullable=True, description="One of these must hold, with commas; null for numbers.")
    low_kw = dy.Int32(nullable=True, description="Demand that must be exceeded.", metadata={"unit": "kW"})
    high_kw = dy.Int32(nullable=True, description="Demand that must not be exceeded.", metadata={"unit": "kW"})


class Scenarios(dy.Schema):
    """Behaviours under which options are priced."""

    scenario_id = dy.String(primary_key=True, description="Behaviour.")
    scenario_name = dy.String(description="Name for people.")
    scenario_kind = code(KINDS, "What is done to use.")
    parameters = dy.String(description="Its figures as JSON.")
    is_illustrative = dy.Bool(description="True where its figures are not sourced.")


class TariffVersions(dy.Schema):
    """Every version of every rate schedule, discount and shared rule."""

    tariff_code = dy.String(primary_key=True, description="Rate schedule, or the file of rules shared by all.")
    effective_date = local_date("First local date on which it holds.", primary_key=True)
    end_date = local_date("Local date on which the next version begins; null for the latest.", nullable=True)
    status_code = dy.String(description="How well it is known: sourced, one_source, historical, illustrative.")
    is_illustrative = dy.Bool(description="True where its figures, or their use at this time, are not sourced.")
    tariff_json = dy.String(description="The version as JSON: what its file in data/reference/tariffs says.")
    tariff_sha256 = dy.String(description="SHA-256 of that JSON.")


class OptionCosts(dy.Schema):
    """What the bills compared would cost at today's prices, by option and behaviour."""

    account_id = dy.String(primary_key=True, description="Account.")
    option_id = dy.String(primary_key=True, description="Option.")
    scenario_id = dy.String(primary_key=True, description="Behaviour.")
    cost_cents = _cents("All bills compared; null where it is unknown.", nullable=True)
    highest_bill_cents = _cents("The highest one of them; null where it is unknown.", nullable=True)
    delivered_wh = watt_hours("Energy delivered under the behaviour.", minimum=0)
    reason_code = code(COST_REASON_CODES, "Why the cost is unknown; null where it is known.", nullable=True)


class OptionBills(dy.Schema):
    """What each of the bills compared would be at today's prices, by option, with use as it was."""

    account_id = dy.String(primary_key=True, description="Account.")
    option_id = dy.String(primary_key=True, description="Option.")
    bill_start_date = local_date("First local date of the bill.", primary_key=True)
    cost_cents = _cents("The bill.")


class OptionDraws(dy.Schema):
    """What the bills compared would cost in years whose weeks are drawn anew."""

    account_id = dy.String(primary_key=True, description="Account.")
    option_id = dy.String(primary_key=True, description="Option whose cost is known.")
    draw = dy.Int16(primary_key=True, min=0, description="Number of the draw; the same weeks for all options.")
    cost_cents = _cents("All bills compared.")


class EventWindowUsage(dy.Schema):
    """Use of accounts in the hours of events as they may come, and on the days that these are held against."""

    account_id = dy.String(primary_key=True, description="Account.")
    usage_date = local_date("Local date of an event, or one that an event is held against.", primary_key=True)
    local_hour = dy.Int16(primary_key=True, min=0, max=23, description="Local hour.", metadata={"unit": "h"})
    delivered_wh = watt_hours("Energy delivered in the hour; unknown intervals add nothing.", minimum=0)


class ExpectedEventDays(dy.Schema):
    """Events as they may come in a year: on the hottest days on which programs may call them."""

    program_id = dy.String(primary_key=True, description="Program.")
    event_date = local_date("Local date.", primary_key=True)
    first_hour = dy.Int16(description="Local hour in which it begins.", metadata={"unit": "h"})
    end_hour = dy.Int16(description="Local hour at which it ends.", metadata={"unit": "h"})
    reference_dates = dy.String(description="Dates that use is held against, with commas; empty where there are none.")


class RecommendationRules(dy.Schema):
    """The rules of the comparison and the recommendation; from data/reference/comparison.yml."""

    rule_version = dy.String(primary_key=True, description="Version of the rules.")
    price_as_of_date = local_date("Date whose prices hold for the year compared.")
    minimum_saving_cents = _cents("Least saving of a year that is recommended.")
    minimum_saving_ratio = _ratio("The same as a share of the cost of the plan held.")
    minimum_win_probability = _ratio("Least share of draws in which the best option is the cheapest.")
    tie_cents = _cents("Savings this near count as equal.")
    most_options = count("Options recommended at most.")
    low_quantile = _ratio("Quantile of savings that is published as low.")
    high_quantile = _ratio("Quantile of savings that is published as high.")
    minimum_reproduced_ratio = _ratio("Least share of bills that must come out alike.")
    tolerance_cents = _cents("Difference up to which a bill counts as alike.")
    tolerance_ratio = _ratio("The same as a share of the bill; the larger one counts.")
    minimum_stay_months = count("Months on a time-of-use rate after moving to it.")
    stay_since_date = local_date("Who moved to a time-of-use rate after this date must stay with it.")
    full_bill_count = count("Bills that make a year.")


COMPARISON_ACCOUNTS = Table("analytics", "comparison_accounts", "one row per account served", ComparisonAccounts)
COMPARISON_BILLS = Table("analytics", "comparison_bills", "one row per account and bill compared", ComparisonBills)
OPTIONS = Table("analytics", "options", "one row per option", Options)
OPTION_REQUIREMENTS = Table(
    "analytics", "option_requirements", "one row per option, part and requirement", OptionRequirements
)
SCENARIOS = Table("analytics", "scenarios", "one row per behaviour", Scenarios)
TARIFF_VERSIONS = Table("analytics", "tariff_versions", "one row per tariff and effective date", TariffVersions)
OPTION_COSTS = Table("analytics", "option_costs", "one row per account, option and behaviour", OptionCosts)
OPTION_BILLS = Table("analytics", "option_bills", "one row per account, option and bill", OptionBills)
OPTION_DRAWS = Table("analytics", "option_draws", "one row per account, option and draw", OptionDraws)
EVENT_WINDOW_USAGE = Table(
    "analytics", "event_window_usage", "one row per account, date and local hour", EventWindowUsage
)
EXPECTED_EVENT_DAYS = Table("analytics", "expected_event_days", "one row per program and date", ExpectedEventDays)
RECOMMENDATION_RULES = Table("analytics", "recommendation_rules", "one row per build", RecommendationRules)
OPTION_TABLES = (
    COMPARISON_ACCOUNTS, COMPARISON_BILLS, OPTIONS, OPTION_REQUIREMENTS, SCENARIOS, TARIFF_VERSIONS, OPTION_COSTS,
    OPTION_BILLS, OPTION_DRAWS, EVENT_WINDOW_USAGE, EXPECTED_EVENT_DAYS, RECOMMENDATION_RULES,
)  # fmt: skip
