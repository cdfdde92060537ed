{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["meter_id", "usage_date"],
        on_schema_change="fail",
        post_hook="delete from {{ this }} where expected_interval_count = 0",
    )
}}
{% set restated %}
    select
        restatements.meter_id,
        restatements.usage_date,
        max(restatements.restatement_id) as restatement_id
    from {{ ref("stg_vee__restatements") }} as restatements
    {% if is_incremental() %}
    where restatements.restatement_id > (select coalesce(max(built.restatement_id), 0) from {{ this }} as built)
    {% endif %}
    group by restatements.meter_id, restatements.usage_date
{% endset %}
-- one row per meter and civil date; only restated meter-days are computed again
-- whom the meter served is joined later: a move that is told late changes no row here
-- a restated day that the meter no longer has (its zone was corrected) arrives with no interval and is then deleted
with restated as ({{ restated }}
),

reads as (
    select
        reads.*,
        {{ wall_clock("reads") }} as interval_start_local
    from {{ ref("stg_vee__interval_reads") }} as reads
    {% if is_incremental() %}
    where
        reads.usage_date in ({{ literal_dates(restated) }})
        and exists (
            select 1 from restated
            where restated.meter_id = reads.meter_id and restated.usage_date = reads.usage_date
        )
    {% endif %}
),

daily as (
    select
        meter_id,
        usage_date,
        cast(sum(cast(delivered_wh as bigint)) as bigint) as delivered_wh,
        cast(sum(cast(received_wh as bigint)) as bigint) as received_wh,
        cast(sum(cast(delivered_wh as bigint)) filter (where {{ is_on_peak("interval_start_local") }}) as bigint)
            as on_peak_wh,
        count(*) filter (where {{ is_on_peak("interval_start_local") }}) as on_peak_interval_count,
        max(case when interval_minutes <= 60 then {{ average_kw("delivered_wh", "interval_minutes") }} end) as peak_kw,
        max(extract(minute from interval_start_local) + interval_minutes) <= 60 as is_hourly,
        count(coalesce(delivered_wh, received_wh)) as interval_count,
        count(*) as expected_interval_count,
        count(estimate_method) as estimated_interval_count,
        histogram(estimate_method) as estimated_interval_counts,
        count(*) filter (where quality_code in ('V', 'A', 'G')) as valid_interval_count,
        sum(interval_minutes) filter (where delivered_wh is not null) as known_minutes
    from reads
    group by meter_id, usage_date
)

select
    restated.meter_id,
    restated.usage_date,
    {{ kwh("daily.delivered_wh") }} as delivered_kwh,
    {{ kwh("daily.received_wh") }} as received_kwh,
    case
        when daily.is_hourly and daily.delivered_wh is not null and daily.on_peak_interval_count = 0
            then cast(0 as decimal(14, 3))
        when daily.is_hourly then {{ kwh("daily.on_peak_wh") }}
    end as on_peak_kwh,
    daily.peak_kw,
    daily.is_hourly,
    cast(coalesce(daily.interval_count, 0) as integer) as interval_count,
    cast(coalesce(daily.expected_interval_count, 0) as integer) as expected_interval_count,
    cast(coalesce(daily.estimated_interval_count, 0) as integer) as estimated_interval_count,
    daily.estimated_interval_counts,
    cast(coalesce(daily.valid_interval_count, 0) as integer) as valid_interval_count,
    cast(coalesce(daily.known_minutes, 0) as integer) as known_minutes,
    restated.restatement_id
from restated
left join daily on restated.meter_id = daily.meter_id and restated.usage_date = daily.usage_date
