"""Audit findings held against the simulator's answer key: what each premise's base load and cooling really are."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

LEVELS = ("group_1", "group_2", "group_3", "group_4")
LEAST_PEERS = 15
LEAST_EXCESS_KWH = 300


@dataclass(frozen=True)
class AuditScore:
    """How the findings of one kind came out.

    Attributes:
        finding_count: Accounts found.
        precision: Share of them whose true figure is at least 1.25 times the true median of their peers.
        recall: Share found of the accounts that truly use twice what their peers do for it, and 300 kWh a year
            more, and have a year of their own.
        correlation: Of the evidence with the true figure, over the accounts found.
    """

    finding_count: int
    precision: float
    recall: float
    correlation: float


def audit_score(con: duckdb.DuckDBPyConnection, truth: Path, finding_code: str) -> AuditScore:
    """Score of one kind of finding.

    Args:
        con: Published marts.
        truth: The answer key.
        finding_code: `high_base_load` or `oversized_cooling`.
    """
    figure = {
        "high_base_load": "avg(base_wh) * 8.76",
        "oversized_cooling": "avg(cooling_wh) * 8.76 * 1000 / any_value(p.floor_area_sqft)",
    }[finding_code]
    zone = "cast(p.climate_zone as varchar)"
    setting = zone if finding_code == "oversized_cooling" else f"coalesce(a.business_type, {zone})"
    accounts = con.sql(
        f"""
        with held as (
            select a.account_id, t.premise_number, p.premise_id, p.floor_area_sqft, p.premise_type, a.is_all_electric,
                a.customer_type, c.comparability_code, {setting} as setting
            from dim_accounts as a
            join mart_comparison_accounts as c using (account_id)
            join dim_premises as p using (premise_id)
            join (select account_id, arg_max(premise_number, effective_date) as premise_number
                  from '{truth}/people/accounts.parquet' group by account_id) as t using (account_id)
            where a.is_current and c.comparability_code in ('comparable', 'provisional')
        ),
        figures as (
            select premise_number, {figure} as true_figure
            from '{truth}/components/*.parquet' join held as p using (premise_number) group by premise_number
        )
        select account_id, coalesce(true_figure, 0) as true_figure, floor_area_sqft, comparability_code,
            concat_ws(', ', customer_type, setting, premise_type) as group_2,
            concat_ws(', ', group_2, if(is_all_electric, 'all electric', 'other fuel'), case
                when floor_area_sqft < 1000 then 'below 1000' when floor_area_sqft < 1500 then '1000 to 1499'
                when floor_area_sqft < 2200 then '1500 to 2199' else '2200 and more' end) as group_1,
            concat_ws(', ', customer_type, setting) as group_3, customer_type as group_4
        from held join figures using (premise_number)
        """
    ).pl()
    if finding_code == "oversized_cooling":
        accounts = accounts.filter(pl.col("true_figure") > 0)
    peers = (
        accounts.unpivot(
            LEVELS,
            index=["account_id", "true_figure", "floor_area_sqft", "comparability_code"],
            variable_name="level",
            value_name="peer_group",
        )
        .with_columns(peer_count=pl.len().over("level", "peer_group"))
        .with_columns(true_peer=pl.col("true_figure").median().over("level", "peer_group"))
        .with_columns(
            true_ratio=pl.col("true_figure") / pl.col("true_peer"),
            excess_kwh=(pl.col("true_figure") - pl.col("true_peer"))
            * (pl.col("floor_area_sqft") / 1000 if finding_code == "oversized_cooling" else 1),
        )
    )
    found = con.sql(
        f"select account_id, peer_group, evidence_value from mart_audit_findings where finding_code = '{finding_code}'"
    ).pl()
    scored = found.join(peers.drop("level"), on=["account_id", "peer_group"], how="left").with_columns(
        pl.col("true_figure", "true_ratio").fill_null(0)
    )
    narrowest = peers.filter(pl.col("peer_count") >= LEAST_PEERS).sort("level").unique("account_id", keep="first")
    striking = narrowest.filter(
        pl.col("comparability_code") == "comparable",
        pl.col("true_ratio") >= 2,
        pl.col("excess_kwh") >= LEAST_EXCESS_KWH,
    )
    return AuditScore(
        finding_count=found.height,
        precision=scored.filter(pl.col("true_ratio") >= 1.25).height / max(found.height, 1),
        recall=striking.filter(pl.col("account_id").is_in(found["account_id"].implode())).height
        / max(striking.height, 1),
        correlation=float(scored.select(pl.corr("evidence_value", "true_figure")).item()),
    )
