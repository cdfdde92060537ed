-- one row per served account
with worth as (
    select
        account_id,
        count(*) as finding_count,
        max(case when finding_code = 'oversized_cooling' then saving_kwh else 0 end)
        + greatest(
            max(case when finding_code = 'high_base_load' then saving_kwh else 0 end),
            max(case when finding_code = 'weekend_and_night_use' then saving_kwh else 0 end)
        ) as saving_kwh,
        max(case when finding_code = 'oversized_cooling' then saving_usd_high else 0 end)
        + greatest(
            max(case when finding_code = 'high_base_load' then saving_usd_high else 0 end),
            max(case when finding_code = 'weekend_and_night_use' then saving_usd_high else 0 end)
        )
        + greatest(
            max(case when finding_code = 'wrong_plan' then saving_usd_high else 0 end),
            max(case when finding_code = 'peak_heavy_use' then saving_usd_high else 0 end)
        ) as saving_usd
    from {{ ref("mart_audit_findings") }}
    group by account_id
),

first_findings as (
    select
        account_id,
        finding_code,
        row_number() over (partition by account_id order by saving_usd_high desc, finding_code asc) as place
    from {{ ref("mart_audit_findings") }}
),

ranked as (
    select
        worth.*,
        row_number() over (order by worth.saving_usd desc, worth.account_id asc) as audit_rank
    from worth
)

select
    judged.account_id,
    cast(ranked.audit_rank as integer) as audit_rank,
    cast(coalesce(ranked.finding_count, 0) as integer) as finding_count,
    cast(ranked.saving_kwh as decimal(14, 3)) as potential_saving_kwh,
    cast(ranked.saving_usd as decimal(12, 2)) as potential_saving_usd,
    case
        when judged.comparability_code not in ('comparable', 'provisional') then judged.comparability_code
        else coalesce(first_findings.finding_code, 'nothing_found')
    end as reason_code,
    judged.comparability_code
from {{ ref("int_accounts_comparability_judged") }} as judged
left join ranked on judged.account_id = ranked.account_id
left join first_findings on judged.account_id = first_findings.account_id and first_findings.place = 1
