-- one row per account and validity period
select
    contracts.account_id,
    contracts.premise_id,
    contracts.customer_type,
    contracts.business_type,
    contracts.tenure_type,
    contracts.landlord_person_id,
    contracts.rate_code,
    contracts.billing_option,
    contracts.payment_option,
    contracts.billing_cycle,
    premises.baseline_region,
    contracts.is_all_electric,
    contracts.is_care,
    contracts.is_fera,
    contracts.is_medical_baseline,
    contracts.has_net_metering,
    contracts.service_start_date,
    contracts.service_end_date,
    contracts.valid_from_date,
    contracts.valid_to_date,
    contracts.is_current,
    'CSS' as source_system
from {{ ref("stg_entities__accounts") }} as contracts
left join {{ ref("dim_premises") }} as premises on contracts.premise_id = premises.premise_id
