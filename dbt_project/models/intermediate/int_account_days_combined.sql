{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["account_id", "usage_date"],
        on_schema_change="fail",
    )
}}
-- one row per civil date and account that several top-level meters serve on it; only changed days are computed again
-- a day has changed where a meter joined or left, or a meter-day was restated: the text of its inputs is then another
with inputs as (
    select
        served.account_id,
        meter_days.usage_date,
        string_agg(
            concat_ws(':', meter_days.restatement_id, served.account_interval_minutes, meter_days.meter_id), ','
            order by meter_days.meter_id
        ) as inputs_text
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    inner join {{ ref("stg_entities__meter_occupancy") }} as served
        on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
    where served.account_meter_count > 1
    group by served.account_id, meter_days.usage_date
),

changed as (
    select
        inputs.account_id,
        inputs.usage_date,
        inputs.inputs_text
    from inputs
    {% if is_incremental() %}
    where
        not exists (
            select 1 from {{ this }} as built
            where
                built.account_id = inputs.account_id
                and built.usage_date = inputs.usage_date
                and built.inputs_text = inputs.inputs_text
        )
    {% endif %}
)

select
    changed.account_id,
    changed.usage_date,
    changed.inputs_text,
    max(
        case
            when intervals.interval_minutes <= 60 and intervals.is_delivered_known
                then {{ average_kw("intervals.delivered_wh", "intervals.interval_minutes") }}
        end
    ) as peak_kw,
    count(
        case
            when intervals.is_delivered_known then 1
            when intervals.delivered_wh is null and intervals.received_wh is not null then 1
        end
    ) as interval_count,
    count(*) as expected_interval_count,
    count(intervals.estimate_method) as estimated_interval_count
from changed
inner join {{ ref("int_account_intervals_combined") }} as intervals
    on changed.account_id = intervals.account_id and changed.usage_date = intervals.usage_date
group by changed.account_id, changed.usage_date, changed.inputs_text
