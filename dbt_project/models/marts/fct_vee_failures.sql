-- one row per meter, channel, civil date and failed rule
select
    failures.meter_id,
    failures.channel_code,
    failures.usage_date,
    failures.rule_code,
    rules.rule_name,
    failures.severity_code as severity,
    failures.action_code as action,  -- noqa: RF04
    failures.failed_count,
    failures.estimated_count
from {{ ref("stg_vee__failures") }} as failures
inner join {{ ref("stg_vee__rules") }} as rules on failures.rule_code = rules.rule_code
