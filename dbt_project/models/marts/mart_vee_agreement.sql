-- one row per civil date, customer class and pair of verdicts
select
    pairs.usage_date,
    meters.customer_class,
    pairs.own_verdict,
    pairs.mdms_verdict,
    cast(sum(pairs.interval_count) as bigint) as interval_count
from {{ ref("stg_vee__verdict_pairs") }} as pairs
inner join {{ ref("stg_entities__meters") }} as meters on pairs.meter_id = meters.meter_id
group by pairs.usage_date, meters.customer_class, pairs.own_verdict, pairs.mdms_verdict
