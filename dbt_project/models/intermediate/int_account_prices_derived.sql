-- one row per account that can be compared: what a kWh less, and moving a fifth of the evenings, would save in a year
with costs as (
    select
        account_id,
        max(case when scenario_id = 'as_is' then cost_cents end) as cost_cents,
        max(case when scenario_id = 'as_is' then delivered_wh end) as delivered_wh,
        max(case when scenario_id = 'reduce_10' then cost_cents end) as reduced_cents,
        max(case when scenario_id = 'reduce_10' then delivered_wh end) as reduced_wh,
        max(case when scenario_id = 'shift_on_peak_20' then cost_cents end) as shifted_cents
    from {{ ref("int_options_compared") }}
    where is_current
    group by account_id
)

select
    account_id,
    cost_cents,
    delivered_wh,
    cost_cents - shifted_cents as shift_saving_cents,
    cast(cost_cents - reduced_cents as double) * 1000 / nullif(delivered_wh - reduced_wh, 0) as cents_per_kwh
from costs
