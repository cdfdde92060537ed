"""The data-quality report as a page: figures in words and tables, charts inside, nothing from elsewhere."""

from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.tables.vee import VERDICTS
from models.vee.agreement import agreement
from pipelines.reference import vee_settings
from pipelines.reports import charts
from pipelines.reports.data_quality import DataQuality, Row
from pipelines.reports.glossary import METHODS, QUALITIES, TERMS

TEMPLATE = "data_quality.html.j2"
UNKNOWN = "–"
SMALLEST_PERCENT = 0.01


def render(quality: DataQuality) -> str:
    """The report as HTML; every text from outside is escaped.

    Args:
        quality: What the marts say.
    """
    environment = Environment(
        loader=PackageLoader("pipelines.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": count, "day": day, "percent": percent}
    days = [
        {
            "usage_date": row["usage_date"],
            "received_ratio": ratio(row["received_read_count"], row["expected_read_count"]),
            "valid_ratio": ratio(row["valid_interval_count"], row["expected_interval_count"]),
        }
        for row in quality.days
    ]
    groups = [row | _of_group(row) for row in quality.groups]
    agreed, kappa = agreement(quality.agreement)
    return environment.get_template(TEMPLATE).render(
        quality=quality,
        headlines=headlines(quality.totals, quality.totals_before),
        groups=groups,
        methods=sorted({method for row in groups for method in row["methods"]}),
        least_complete=min(days, key=lambda row: (_number(row["received_ratio"]), row["usage_date"])),
        charts={
            "completeness": charts.completeness(days),
            "rules": charts.failed_rules(quality.rule_days) if quality.rule_days else None,
            "groups": charts.estimated_shares(groups),
            "restated": charts.restated(quality.restated) if quality.restated else None,
        },
        verdicts=VERDICTS,
        agreed=agreed,
        kappa=UNKNOWN if kappa is None else f"{kappa:.3f}",
        rules=vee_settings().rules,
        qualities=QUALITIES,
        method_texts=METHODS,
        terms=TERMS,
    )


def headlines(now: Row, before: Row) -> list[dict[str, str]]:
    """The figures that are read first: `name`, `value`, `detail`, and `before`, the value of the period before."""
    shown = {
        "Completeness": ("received_read_count", "expected_read_count", "reads received"),
        "Estimated": ("estimated_interval_count", "expected_interval_count", "intervals"),
        "Unknown": ("unknown_interval_count", "expected_interval_count", "intervals"),
        "Failed checks": ("failed_count", "received_read_count", "reads; missing ones apart"),
    }
    return [
        {
            "name": name,
            "value": percent(ratio(now[part], now[whole])),
            "detail": f"{count(now[part])} {'to' if part == 'failed_count' else 'of'} {count(now[whole])} {what}",
            "before": percent(ratio(before[part], before[whole])),
        }
        for name, (part, whole, what) in shown.items()
    ]


def ratio(part: int, whole: int) -> float | None:
    """A share from 0 to 1; None of nothing."""
    return part / whole if whole else None


def percent(share: float | None) -> str:
    """A share for people. What is not all is never shown as 100 %, what is not nothing never as 0 %."""
    if share is None:
        return UNKNOWN
    value = 100 * share
    if 0 < value < SMALLEST_PERCENT:
        return f"< {SMALLEST_PERCENT} %"
    if 100 - SMALLEST_PERCENT < value < 100:
        return f"> {100 - SMALLEST_PERCENT} %"
    return f"{value:.2f} %"


def count(number: int | None) -> str:
    """A count with separators; a dash where it is not known."""
    return UNKNOWN if number is None else f"{number:,}"


def day(value: date | None) -> str:
    """An ISO date; a dash where there is none."""
    return UNKNOWN if value is None else value.isoformat()


def _of_group(row: Row) -> dict[str, Any]:
    expected = row["expected_interval_count"]
    return {
        "group": f"{row['customer_class']}, {row['climate_zone'] or 'zone unknown'}",
        "received_ratio": ratio(row["received_read_count"], row["expected_read_count"]),
        "estimated_ratio": ratio(row["estimated_interval_count"], expected),
        "unknown_ratio": ratio(row["unknown_interval_count"], expected),
    }


def _number(share: float | None) -> float:
    return 1.0 if share is None else share
