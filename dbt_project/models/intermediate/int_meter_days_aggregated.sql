{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["meter_id", "usage_date"],
        on_schema_change="fail",
        post_hook="delete from {{ this }} where expected_interval_count = 0",
    )
}}
-- one row per meter and civil date; only restated meter-days are computed again
-- whom the meter served is joined later: a move that is told late changes no row here
-- a restated day that the meter no longer has (its zone was corrected) arrives with no interval and is then deleted
with restated as (
    select
        restatements.meter_id,
        restatements.usage_date,
        max(restatements.restatement_id) as restatement_id
    from {{ ref("stg_vee__restatements") }} as restatements
    {% if is_incremental() %}
    where restatements.restatement_id > (select coalesce(max(built.restatement_id), 0) from {{ this }} as built)
    {% endif %}
    group by restatements.meter_id, restatements.usage_date
),

daily as (
    select
        reads.meter_id,
        reads.usage_date,
        cast(sum(cast(reads.delivered_wh as bigint)) as bigint) as delivered_wh,
        cast(sum(cast(reads.received_wh as bigint)) as bigint) as received_wh,
        max(
            case
                when reads.interval_minutes <= 60
                    then {{ average_kw("reads.delivered_wh", "reads.interval_minutes") }}
            end
        ) as peak_kw,
        count(coalesce(reads.delivered_wh, reads.received_wh)) as interval_count,
        count(*) as expected_interval_count,
        count(reads.estimate_method) as estimated_interval_count
    from {{ ref("stg_vee__interval_reads") }} as reads
    {% if is_incremental() %}
    where
        exists (
            select 1 from restated
            where restated.meter_id = reads.meter_id and restated.usage_date = reads.usage_date
        )
    {% endif %}
    group by reads.meter_id, reads.usage_date
)

select
    restated.meter_id,
    restated.usage_date,
    {{ kwh("daily.delivered_wh") }} as delivered_kwh,
    {{ kwh("daily.received_wh") }} as received_kwh,
    daily.peak_kw,
    cast(coalesce(daily.interval_count, 0) as integer) as interval_count,
    cast(coalesce(daily.expected_interval_count, 0) as integer) as expected_interval_count,
    cast(coalesce(daily.estimated_interval_count, 0) as integer) as estimated_interval_count,
    restated.restatement_id
from restated
left join daily on restated.meter_id = daily.meter_id and restated.usage_date = daily.usage_date
