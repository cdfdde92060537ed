-- one row per meter and period in which it serves one account, or none, beside the same other meters
select
    served.meter_id,
    served.account_id,
    served.premise_id,
    premises.climate_zone,
    served.valid_from_date,
    served.valid_to_date,
    served.is_current,
    served.is_top_level,
    served.account_meter_count,
    served.account_interval_minutes
from {{ ref("stg_entities__meter_occupancy") }} as served
left join {{ ref("dim_premises") }} as premises on served.premise_id = premises.premise_id
