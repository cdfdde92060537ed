"""The few numbers worth seeing after a run."""

from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.text import counted

SMALLEST_SHARE = 0.01

FIGURES = """
with daily as (
    select
        count(distinct meter_id) as meter_count,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        coalesce(sum(interval_count), 0) as interval_count,
        coalesce(sum(expected_interval_count), 0) as expected_count,
        coalesce(sum(estimated_interval_count), 0) as estimated_count,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh
    from fct_daily_usage
),
files as (
    select
        count(*) as file_count,
        coalesce(sum(sent_count) filter (where system_code is null), 0) as sent_count,
        coalesce(sum(superseded_count) filter (where system_code is null), 0) as superseded_count,
        coalesce(sum(quarantined_count) filter (where system_code is null), 0) as quarantined_count,
        coalesce(sum(sent_count) filter (where system_code is not null), 0) as row_count,
        coalesce(sum(superseded_count) filter (where system_code is not null), 0) as replaced_count,
        coalesce(sum(quarantined_count) filter (where system_code is not null), 0) as set_aside_count,
        count(*) filter (where status_code = 'quarantined') as refused_count
    from fct_file_reconciliation
),
rules as (
    select coalesce(sum(failed_count) filter (where severity = 'error' and rule_code <> 'V03'), 0) as failed_count
    from fct_vee_failures
)
select
    build_id, meter_count, first_date, last_date, file_count, sent_count, superseded_count, quarantined_count,
    row_count, replaced_count, set_aside_count, refused_count, failed_count, interval_count, expected_count,
    estimated_count, delivered_kwh, received_kwh
from daily, files, rules, meta_build
"""

REFUSED = """
select count(*) filter (where status_code = 'quarantined'), coalesce(sum(quarantined_count), 0)::bigint
from fct_file_reconciliation
"""


def figures(home: Home) -> list[tuple[str, str]]:
    """Names and values, ready to print, of the published build."""
    with open_marts(home) as con:
        row = con.execute(FIGURES).fetchone() or ()
    (
        build,
        meters,
        first,
        last,
        files,
        sent,
        superseded,
        quarantined,
        rows,
        replaced,
        set_aside,
        refused,
        failed,
        known,
        expected,
        estimated,
        dlv,
        rcv,
    ) = row
    unknown = expected - known
    return [
        ("build", f"{build}"),
        ("meters", f"{meters:,}"),
        ("local dates", f"{first} to {last}" if first else "none yet"),
        ("landing files", f"{files:,} ({refused:,} refused whole)"),
        ("reads sent", f"{sent:,} ({superseded:,} superseded, {quarantined:,} quarantined)"),
        ("rows of extracts", f"{rows:,} ({replaced:,} superseded, {set_aside:,} quarantined)"),
        ("values that failed VEE", f"{failed:,}"),
        ("intervals expected", f"{expected:,}"),
        ("intervals estimated", f"{estimated:,} ({_share(estimated, expected)})"),
        ("intervals unknown", f"{unknown:,} ({_share(unknown, expected)})"),
        ("energy delivered", f"{(dlv or 0) / 1000:,.3f} MWh"),
        ("energy received", f"{(rcv or 0) / 1000:,.3f} MWh"),
    ]


def summary(home: Home) -> str:
    """The figures as text, and where the marts are."""
    rows = figures(home)
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name.ljust(width)}  {value}" for name, value in rows]
    return "\n".join(
        [
            "",
            "Published marts",
            f"  {home.marts}",
            f"  {home.current}/<table>.parquet",
            "",
            *lines,
            "",
            'Ask them: meterhouse query "select * from fct_daily_usage limit 5" · what exists: meterhouse tables',
        ]
    )


def mishaps(home: Home) -> str:
    """What was refused of a simulated utility's files, and that this is as it should be."""
    with open_marts(home) as con:
        refused, rows = con.execute(REFUSED).fetchone() or (0, 0)
    return (
        f"{counted(refused, 'file')} and {counted(rows, 'row')} of others were refused, with reasons in "
        f"{home.quarantine}:\nthe simulated utility makes such mishaps on purpose; docs/simulation.md says which."
    )


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    share = 100 * part / whole
    return "< 0.01 %" if 0 < share < SMALLEST_SHARE else f"{share:.2f} %"
