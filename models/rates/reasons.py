"""Why bills cannot be priced, and why they differ from what was billed."""

UNPRICED_CODES = (
    "replaced", "rate_unknown", "before_first_version", "region_unknown", "no_interval_data", "intervals_too_long",
)  # fmt: skip
"""Why a bill is not priced: it was billed anew; nobody knows its rate; the rate begins later; its baseline region is
not in the allocations that held; no meter with intervals served it; its intervals are longer than an hour."""
DIFFERENCE_CODES = (
    "estimated_by_css", "reads_estimated", "reads_changed", "earlier_prices", "missed_baseline", "line_twice",
    "carried_credit", "unexplained",
)  # fmt: skip
"""Why a priced bill differs, the first that holds: the customer system billed other energy, since it estimated, since
our reads are estimated or lacking, or since they are others now; it billed the same energy at earlier prices, without
the baseline allocation, with a line twice, or with another credit of earlier bills; or none of these."""
REASON_CODES = (*UNPRICED_CODES, *DIFFERENCE_CODES)

COMPARISONS = ("last_month", "last_year")
CAUSES = ("days", "weather", "usage", "price", "estimate")
NO_CHANGE_CODES = ("no_earlier_bill", "not_priced")
"""Why a bill is not set against an earlier one: there is none, or one of the two cannot be priced once more."""
FORECAST_CODES = (*UNPRICED_CODES, "short_history", "no_earlier_forecasts")
"""Why a bill under way is not forecast: it cannot be priced; too few days are known; no ended bill tells the range."""
