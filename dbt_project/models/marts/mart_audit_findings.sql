-- one row per account and finding
select
    valued.account_id,
    valued.finding_code,
    cast(valued.evidence_value as decimal(14, 4)) as evidence_value,
    case valued.finding_code
        when 'high_base_load' then 'kW'
        when 'oversized_cooling' then 'kWh a year per 1000 sqft'
        when 'wrong_plan' then 'USD a year'
        when 'unusual_jump' then 'times the earlier bill'
        else 'share of use'
    end as evidence_unit,
    cast(valued.peer_value as decimal(14, 4)) as peer_value,
    cast(valued.peer_count as integer) as peer_count,
    valued.peer_group,
    cast(valued.saving_kwh as decimal(14, 3)) as saving_kwh,
    {{ usd("cast(round(valued.cents_low) as bigint)") }} as saving_usd_low,
    {{ usd("cast(round(valued.cents_high) as bigint)") }} as saving_usd_high,
    case valued.finding_code
        when 'high_base_load' then 'find_always_on_loads'
        when 'oversized_cooling' then 'check_cooling_and_insulation'
        when 'peak_heavy_use' then 'move_use_out_of_evenings'
        when 'weekend_and_night_use' then 'switch_off_when_closed'
        when 'unusual_jump' then 'look_for_new_or_broken_equipment'
        else 'change_plan'
    end as fix_code
from {{ ref("int_audit_findings_valued") }} as valued
inner join {{ ref("stg_analytics__audit_rules") }} as rules on valued.finding_code = rules.finding_code
where valued.ratio >= rules.minimum_ratio and valued.cents_high >= rules.minimum_saving_cents
