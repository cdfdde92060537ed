-- one row per account and possible finding: what it is worth in a year, whether or not it is enough
with measured as (
    select
        measures.account_id,
        measures.finding_code,
        measures.evidence_value,
        peers.median_value as peer_value,
        peers.peer_count,
        peers.peer_group,
        measures.evidence_value / nullif(peers.median_value, 0) as ratio,
        case measures.finding_code
            when 'high_base_load' then (measures.evidence_value - peers.median_value) * 8760
            when 'oversized_cooling'
                then measures.cooling_kwh * (1 - peers.median_value / measures.evidence_value)
            when 'weekend_and_night_use'
                then measures.delivered_wh / 1000.0 * (measures.evidence_value - peers.median_value)
            else 0
        end as saving_kwh_high,
        case measures.finding_code
            when 'high_base_load' then (measures.evidence_value - peers.upper_value) * 8760
            when 'oversized_cooling'
                then measures.cooling_kwh * (1 - peers.upper_value / measures.evidence_value)
            when 'weekend_and_night_use'
                then measures.delivered_wh / 1000.0 * (measures.evidence_value - peers.upper_value)
            else 0
        end as saving_kwh_low,
        prices.cents_per_kwh,
        case when measures.finding_code = 'peak_heavy_use' then prices.shift_saving_cents else 0 end as moved_cents
    from {{ ref("int_audit_measures_gathered") }} as measures
    inner join {{ ref("int_audit_peers_found") }} as peers
        on measures.account_id = peers.account_id and measures.finding_code = peers.finding_code
    inner join {{ ref("int_account_prices_derived") }} as prices on measures.account_id = prices.account_id
),

energy as (
    select
        account_id,
        finding_code,
        evidence_value,
        peer_value,
        peer_count,
        peer_group,
        ratio,
        greatest(saving_kwh_high, 0) as saving_kwh,
        greatest(saving_kwh_low, 0) * cents_per_kwh + moved_cents * 0.5 as cents_low,
        greatest(saving_kwh_high, 0) * cents_per_kwh + moved_cents as cents_high
    from measured
),

latest as (
    select
        bills.account_id,
        changes.bill_id,
        changes.comparison_code,
        changes.amount_cents,
        earlier.billed_cents,
        row_number() over (
            partition by bills.account_id
            order by
                bills.bill_start_date desc, case when changes.comparison_code = 'last_year' then 0 else 1 end
        ) as place
    from {{ ref("stg_analytics__bill_changes") }} as changes
    inner join {{ ref("stg_analytics__repriced_bills") }} as bills on changes.bill_id = bills.bill_id
    inner join {{ ref("stg_analytics__repriced_bills") }} as earlier on changes.earlier_bill_id = earlier.bill_id
    where changes.cause_code = 'usage' and changes.amount_cents is not null and earlier.billed_cents > 0
),

jumps as (
    select
        latest.account_id,
        'unusual_jump' as finding_code,
        1 + latest.amount_cents / cast(latest.billed_cents as double) as evidence_value,
        cast(1 as double) as peer_value,
        cast(null as bigint) as peer_count,
        concat('own bill, ', latest.comparison_code) as peer_group,
        1 + latest.amount_cents / cast(latest.billed_cents as double) as ratio,
        latest.amount_cents / nullif(prices.cents_per_kwh, 0) as saving_kwh,
        cast(0 as double) as cents_low,
        cast(latest.amount_cents as double) as cents_high
    from latest
    inner join {{ ref("int_account_prices_derived") }} as prices on latest.account_id = prices.account_id
    where latest.place = 1
),

plans as (
    select
        ranked.account_id,
        'wrong_plan' as finding_code,
        cast(prices.cost_cents as double) / 100 as evidence_value,
        cast(prices.cost_cents as double) / 100 - cast(ranked.saving_usd as double) as peer_value,
        cast(null as bigint) as peer_count,
        ranked.option_id as peer_group,
        cast(prices.cost_cents as double)
        / nullif(prices.cost_cents - 100 * cast(ranked.saving_usd as double), 0) as ratio,
        cast(0 as double) as saving_kwh,
        cast(ranked.saving_usd_low as double) * 100 as cents_low,
        cast(ranked.saving_usd_high as double) * 100 as cents_high
    from {{ ref("int_option_candidates_ranked") }} as ranked
    inner join {{ ref("int_recommendations_decided") }} as decided
        on ranked.account_id = decided.account_id and decided.decision_code = 'option_saves'
    inner join {{ ref("int_account_prices_derived") }} as prices on ranked.account_id = prices.account_id
    where ranked.place = 1
)

select * from energy
union all
select * from jumps
union all
select * from plans
