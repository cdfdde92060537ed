"""The audit list: figures computed once more from intervals, peers that are peers, worth that is not counted twice."""

import math
import statistics
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.reference import audit_rules

RULES = {rule.finding_code: rule for rule in audit_rules()}


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(home) as con:
        return con.sql(sql).fetchall()


def test_every_served_account_stands_once_and_says_why(tiny_home: Home) -> None:
    served = rows(tiny_home, "select count(*) from mart_comparison_accounts")[0][0]
    assert rows(tiny_home, "select count(*), count(distinct account_id) from mart_audit_candidates") == [
        (served, served)
    ]
    assert rows(tiny_home, "select count(*) from mart_audit_candidates where reason_code is null") == [(0,)]
    ranked = rows(tiny_home, "select count(*) from mart_audit_candidates where audit_rank is not null")[0][0]
    found = rows(tiny_home, "select count(distinct account_id) from mart_audit_findings")[0][0]
    assert ranked == found > 5


def test_ranks_go_by_worth(tiny_home: Home) -> None:
    worth = [
        usd for (usd,) in rows(
            tiny_home, "select potential_saving_usd from mart_audit_candidates where audit_rank > 0 order by audit_rank"
        )
    ]  # fmt: skip
    assert worth == sorted(worth, reverse=True)


def test_findings_reach_what_the_rules_ask_for(tiny_home: Home) -> None:
    found = rows(
        tiny_home,
        "select finding_code, evidence_value, peer_value, peer_count, saving_usd_low, saving_usd_high "
        "from mart_audit_findings",
    )
    assert {row[0] for row in found} <= set(RULES)
    for code, evidence, peer, count, low, high in found:
        rule = RULES[code]
        assert evidence >= peer * Decimal(str(rule.minimum_ratio)) - Decimal("0.001")
        assert high >= Decimal(rule.minimum_saving_cents) / 100
        assert low <= high
        assert count is None or count >= rule.minimum_peer_count


def test_shops_alone_are_asked_about_closed_hours(tiny_home: Home) -> None:
    wrong = """
        select 1 from mart_audit_findings join dim_accounts using (account_id)
        where finding_code = 'weekend_and_night_use' and customer_type <> 'small_business' and is_current
    """
    assert rows(tiny_home, wrong) == []


def test_no_energy_is_counted_twice(tiny_home: Home) -> None:
    for account_id, potential in rows(
        tiny_home, "select account_id, potential_saving_kwh from mart_audit_candidates where audit_rank is not null"
    ):
        found = dict(
            rows(
                tiny_home, f"select finding_code, saving_kwh from mart_audit_findings where account_id = '{account_id}'"
            )
        )
        base = max(found.get("high_base_load", 0), found.get("weekend_and_night_use", 0))
        assert potential == base + found.get("oversized_cooling", 0)


@pytest.mark.parametrize("code", ["high_base_load", "peak_heavy_use"])
def test_figures_are_those_of_the_intervals(tiny_home: Home, code: str) -> None:
    found = rows(
        tiny_home,
        f"select account_id, evidence_value from mart_audit_findings where finding_code = '{code}' "
        "order by all limit 3",
    )
    for account_id, evidence in found:
        intervals = rows(
            tiny_home,
            f"""
            select u.usage_date, u.local_hour, u.interval_minutes, u.delivered_kwh
            from fct_account_interval_usage as u
            join fct_comparison_bills as b
                on b.account_id = u.account_id and u.usage_date >= b.bill_start_date and u.usage_date < b.bill_end_date
            where u.account_id = '{account_id}' and u.delivered_kwh is not null
            """,
        )
        if code == "peak_heavy_use":
            peak = sum(kwh for _, hour, _, kwh in intervals if 16 <= hour < 21)
            assert abs(peak / sum(row[3] for row in intervals) - evidence) < Decimal("0.0001")
            continue
        nights: dict[tuple[date, int], list[tuple[int, Decimal]]] = {}
        for day, hour, minutes, kwh in intervals:
            if 1 <= hour <= 4:
                week = day - timedelta(days=day.weekday())
                nights.setdefault((week, hour), []).append((minutes, kwh))
        means = {key: 60 * sum(k for _, k in reads) / sum(m for m, _ in reads) for key, reads in nights.items()}
        weeks = {week for week, _ in means}
        quiet = sorted(min(mean for (other, _), mean in means.items() if other == week) for week in weeks)
        assert abs(quiet[math.ceil(len(quiet) / 10) - 1] - evidence) < Decimal("0.0001")


def test_the_median_of_peers_is_theirs(tiny_home: Home) -> None:
    """The widest groups hold all accounts of a class, whose peak shares the cells tell."""
    found = rows(
        tiny_home,
        "select distinct peer_value, peer_count from mart_audit_findings where finding_code = 'peak_heavy_use' "
        "and peer_group = 'residential'",
    )
    shares = [
        float(share) for (share,) in rows(
            tiny_home,
            """
            select sum(delivered_kwh) filter (local_hour between 16 and 20) / sum(delivered_kwh)
            from fct_usage_cells as c join fct_comparison_bills as b using (account_id, bill_start_date)
            join mart_comparison_accounts as m using (account_id)
            where m.is_comparable and m.customer_type = 'residential' group by account_id having sum(delivered_kwh) > 0
            """,
        )
    ]  # fmt: skip
    for peer_value, peer_count in found:
        assert peer_count == len(shares)
        assert abs(float(peer_value) - statistics.median(shares)) < 0.0001
