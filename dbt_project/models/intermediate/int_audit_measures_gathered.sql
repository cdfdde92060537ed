-- one row per account that can be compared and measure: what similar customers are held against each other by
with accounts as (
    select
        judged.account_id,
        contracts.customer_type,
        contracts.is_all_electric,
        premises.climate_zone,
        premises.premise_type,
        premises.floor_area_sqft,
        coalesce(contracts.business_type, premises.climate_zone) as setting,
        case
            when premises.floor_area_sqft < 1000 then 'below 1000'
            when premises.floor_area_sqft < 1500 then '1000 to 1499'
            when premises.floor_area_sqft < 2200 then '1500 to 2199'
            else '2200 and more'
        end as area_band,
        uses.base_w,
        uses.delivered_wh,
        uses.on_peak_wh,
        uses.closed_wh,
        coolings.cooling_kwh,
        coolings.adjusted_r2_ratio
    from {{ ref("int_accounts_comparability_judged") }} as judged
    inner join {{ ref("stg_entities__accounts") }} as contracts
        on judged.account_id = contracts.account_id and contracts.is_current
    inner join {{ ref("int_account_uses_summed") }} as uses on judged.account_id = uses.account_id
    left join {{ ref("stg_entities__premises") }} as premises
        on contracts.premise_id = premises.premise_id and premises.is_current
    left join {{ ref("int_account_coolings_summed") }} as coolings on judged.account_id = coolings.account_id
    where judged.comparability_code in ('comparable', 'provisional')
),

measured as (
    select
        *,
        'high_base_load' as finding_code,
        setting as peer_setting,
        cast(base_w / 1000.0 as double) as evidence_value
    from accounts
    union all
    select
        *,
        'oversized_cooling' as finding_code,
        climate_zone as peer_setting,
        cast(cooling_kwh as double) * 1000 / floor_area_sqft as evidence_value
    from accounts
    where
        floor_area_sqft > 0
        and cooling_kwh > 0
        and adjusted_r2_ratio >= (
            select max(rules.minimum_weather_r2_ratio) from {{ ref("stg_analytics__audit_rules") }} as rules
        )
    union all
    select
        *,
        'peak_heavy_use' as finding_code,
        setting as peer_setting,
        cast(on_peak_wh as double) / delivered_wh as evidence_value
    from accounts
    where delivered_wh > 0
    union all
    select
        *,
        'weekend_and_night_use' as finding_code,
        setting as peer_setting,
        cast(closed_wh as double) / delivered_wh as evidence_value
    from accounts
    where customer_type = 'small_business' and delivered_wh > 0
)

select
    account_id,
    finding_code,
    evidence_value,
    base_w,
    delivered_wh,
    on_peak_wh,
    closed_wh,
    cooling_kwh,
    concat_ws(
        ', ', customer_type, peer_setting, premise_type,
        case when is_all_electric then 'all electric' else 'other fuel' end, area_band
    ) as group_1,
    concat_ws(', ', customer_type, peer_setting, premise_type) as group_2,
    concat_ws(', ', customer_type, peer_setting) as group_3,
    customer_type as group_4
from measured
where evidence_value is not null
