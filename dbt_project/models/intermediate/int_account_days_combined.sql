{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["account_id", "usage_date"],
        on_schema_change="fail",
        post_hook="delete from {{ this }} where inputs_text is null",
    )
}}
{% set inputs %}
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
{% endset %}
{% set changed = changed_inputs(inputs, ["account_id", "usage_date"]) %}
-- one row per civil date and account that several top-level meters serve on it; only changed days are computed again
-- a day has changed where a meter joined or left, or a meter-day was restated: the text of its inputs is then another
with changed as ({{ changed }}
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
    cast(
        count(*) filter (
            where
            intervals.is_delivered_known
            or (intervals.delivered_wh is null and intervals.received_wh is not null)
        ) as integer
    ) as interval_count,
    cast(count(intervals.usage_date) as integer) as expected_interval_count,
    cast(count(intervals.estimate_method) as integer) as estimated_interval_count,
    cast(count(*) filter (where intervals.quality_code in ('V', 'A', 'G')) as integer) as valid_interval_count,
    {{ kwh("cast(sum(intervals.delivered_wh) filter (where intervals.is_delivered_known) as bigint)") }} as known_kwh,
    cast(coalesce(sum(intervals.interval_minutes) filter (where intervals.is_delivered_known), 0) as integer)
        as known_minutes
from changed
left join {{ ref("int_account_intervals_combined") }} as intervals
    on
        changed.account_id = intervals.account_id
        and changed.usage_date = intervals.usage_date
        {% if is_incremental() %}
        and intervals.usage_date in ({{ literal_dates(changed) }})
        {% endif %}
group by changed.account_id, changed.usage_date, changed.inputs_text
