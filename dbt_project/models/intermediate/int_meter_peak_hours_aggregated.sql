{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["meter_id", "usage_date"],
        on_schema_change="fail",
        post_hook="delete from {{ this }} where inputs_text is null",
    )
}}
{% set inputs %}
    select
        meter_days.meter_id,
        meter_days.usage_date,
        concat_ws(':', meter_days.restatement_id, peaks.hour_start_utc) as inputs_text
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    inner join {{ ref("int_utility_peaks_ranked") }} as peaks on meter_days.usage_date = peaks.usage_date
{% endset %}
{% set changed = changed_inputs(inputs, ["meter_id", "usage_date"]) %}
-- one row per meter and date with a peak hour of the utility: what the meter counted in that hour
-- computed again where the meter-day was restated or another hour became the month's peak
with changed as ({{ changed }}
),

hours as (
    select
        reads.meter_id,
        reads.usage_date,
        cast(sum(cast(reads.delivered_wh as bigint)) as bigint) as delivered_wh,
        count(*) as interval_count,
        count(reads.delivered_wh) filter (
            where
            reads.interval_start_utc + reads.interval_minutes * interval '1' minute
            <= peaks.hour_start_utc + interval '1' hour
        ) as known_count
    from {{ ref("stg_vee__interval_reads") }} as reads
    inner join {{ ref("int_utility_peaks_ranked") }} as peaks
        on
            reads.usage_date = peaks.usage_date
            and reads.interval_start_utc >= peaks.hour_start_utc
            and reads.interval_start_utc < peaks.hour_start_utc + interval '1' hour
    where reads.usage_date in ({{ literal_dates(changed) }})
    group by reads.meter_id, reads.usage_date
)

select
    changed.meter_id,
    changed.usage_date,
    changed.inputs_text,
    {{ kwh("hours.delivered_wh") }} as delivered_kwh,
    coalesce(not meter_days.is_hourly or hours.interval_count > 0, false) as has_intervals,
    coalesce(meter_days.is_hourly and hours.interval_count = hours.known_count, false) as is_known
from changed
left join {{ ref("int_meter_days_aggregated") }} as meter_days
    on changed.meter_id = meter_days.meter_id and changed.usage_date = meter_days.usage_date
left join hours on changed.meter_id = hours.meter_id and changed.usage_date = hours.usage_date
