{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="fail",
        post_hook="delete from {{ this }} where inputs_text is null",
    )
}}
{% set inputs %}
    select
        meter_days.usage_date,
        concat_ws(
            ':',
            max(meter_days.restatement_id),
            count(*),
            string_agg(case when not served.is_top_level then meter_days.meter_id end, ',' order by meter_days.meter_id)
        ) as inputs_text
    from {{ ref("int_meter_days_aggregated") }} as meter_days
    left join {{ ref("stg_entities__meter_occupancy") }} as served
        on
            meter_days.meter_id = served.meter_id
            and {{ in_period("meter_days.usage_date", "served") }}
            and not served.is_top_level
    group by meter_days.usage_date
{% endset %}
{% set changed = changed_inputs(inputs, ["usage_date"]) %}
-- one row per civil date, hour and offset of the wall clock: load of the utility, the known part
-- every meter that no record places below another counts; only dates with restated meter-days are computed again
-- a date without any interval that lies within an hour has one row without an hour
with changed as ({{ changed }}
),

sub_meters as (
    select
        meter_id,
        valid_from_date,
        valid_to_date
    from {{ ref("stg_entities__meter_occupancy") }}
    where not is_top_level
),

reads as (
    select
        reads.usage_date,
        reads.utc_offset_minutes,
        reads.delivered_wh,
        reads.received_wh,
        reads.interval_minutes,
        {{ wall_clock("reads") }} as interval_start_local
    from {{ ref("stg_vee__interval_reads") }} as reads
    where
        not exists (
            select 1 from sub_meters
            where sub_meters.meter_id = reads.meter_id and {{ in_period("reads.usage_date", "sub_meters") }}
        )
        {% if is_incremental() %}
        and reads.usage_date in ({{ literal_dates(changed) }})
        {% endif %}
),

hours as (
    select
        usage_date,
        utc_offset_minutes,
        extract(hour from interval_start_local) as local_hour,
        cast(sum(cast(delivered_wh as bigint)) as bigint) as delivered_wh,
        cast(sum(cast(received_wh as bigint)) as bigint) as received_wh
    from reads
    where extract(minute from interval_start_local) + interval_minutes <= 60
    group by usage_date, utc_offset_minutes, extract(hour from interval_start_local)
)

select
    changed.usage_date,
    hours.utc_offset_minutes,
    cast(changed.usage_date as timestamp) + hours.local_hour * interval '1' hour as hour_start_local,
    cast(changed.usage_date as timestamp)
    + hours.local_hour * interval '1' hour
    - hours.utc_offset_minutes * interval '1' minute as hour_start_utc,
    coalesce(hours.delivered_wh, 0) - coalesce(hours.received_wh, 0) as net_wh,
    changed.inputs_text
from changed
left join hours on changed.usage_date = hours.usage_date
