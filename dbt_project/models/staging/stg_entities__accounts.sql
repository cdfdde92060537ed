-- one row per account and validity period
select
    account_id,
    premise_id,
    customer_type,
    business_type,
    tenure_type,
    landlord_person_id,
    rate_code,
    billing_option,
    payment_option,
    billing_cycle,
    is_all_electric,
    is_care,
    is_fera,
    is_medical_baseline,
    has_net_metering,
    valid_from_date,
    valid_to_date,
    is_current,
    service_start_date,
    service_end_date
from {{ source("entities", "accounts") }}
