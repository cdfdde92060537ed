-- one row per interval and account that several top-level meters serve, in intervals of the coarsest one
with reads as (
    select
        served.account_id,
        reads.interval_start_utc,
        reads.interval_start_utc + reads.utc_offset_minutes * interval '1' minute as interval_start_local,
        reads.utc_offset_minutes,
        reads.usage_date,
        reads.interval_minutes,
        served.account_interval_minutes,
        served.account_meter_count,
        reads.delivered_wh,
        reads.received_wh,
        reads.quality_code,
        reads.estimate_method,
        reads.known_at_utc
    from {{ ref("stg_vee__interval_reads") }} as reads
    inner join {{ ref("stg_entities__meter_occupancy") }} as served
        on reads.meter_id = served.meter_id and {{ in_period("reads.usage_date", "served") }}
    where served.account_meter_count > 1
),

-- beyond an hour a group may hold a clock change, so it is known by its wall clock alone
placed as (
    select
        *,
        cast(
            floor(
                (extract(hour from interval_start_local) * 60 + extract(minute from interval_start_local))
                / account_interval_minutes
            ) * account_interval_minutes as integer
        ) as group_minute,
        case when account_interval_minutes <= 60 then utc_offset_minutes end as group_offset_minutes
    from reads
),

grouped as (
    select
        account_id,
        usage_date,
        group_minute,
        group_offset_minutes,
        account_interval_minutes,
        account_meter_count,
        min(interval_start_utc) as first_start_utc,
        min(interval_start_local) as first_start_local,
        max(interval_minutes) as longest_minutes,
        cast(sum(cast(delivered_wh as bigint)) as bigint) as delivered_wh,
        cast(sum(cast(received_wh as bigint)) as bigint) as received_wh,
        max(case when delivered_wh is null and quality_code in ('N', 'Q') then 1 else 0 end) as unknown_mark,
        {{ worst_quality("quality_code") }} as quality_code,
        max(estimate_method) as estimate_method,
        max(known_at_utc) as known_at_utc
    from placed
    group by
        account_id, usage_date, group_minute, group_offset_minutes, account_interval_minutes, account_meter_count
)

select
    account_id,
    case
        when group_offset_minutes is null then first_start_utc
        else
            cast(usage_date as timestamp)
            + group_minute * interval '1' minute
            - group_offset_minutes * interval '1' minute
    end as interval_start_utc,
    case
        when group_offset_minutes is null then first_start_local
        else cast(usage_date as timestamp) + group_minute * interval '1' minute
    end as interval_start_local,
    usage_date,
    case when account_interval_minutes = 1440 then longest_minutes else account_interval_minutes end
        as interval_minutes,
    account_meter_count,
    delivered_wh,
    received_wh,
    delivered_wh is not null and unknown_mark = 0 as is_delivered_known,
    quality_code,
    estimate_method,
    known_at_utc
from grouped
