-- one row per landing file: sent = accepted + superseded + quarantined
with superseded_reads as (
    select
        file_id,
        count(*) as superseded_count,
        sum(case when is_identical then 1 else 0 end) as identical_count
    from {{ ref("stg_vee__superseded_reads") }}
    group by file_id
),

superseded_rows as (
    select
        file_id,
        sum(superseded_count) as superseded_count
    from {{ ref("stg_entities__superseded_rows") }}
    group by file_id
),

superseded as (
    select
        files.file_id,
        cast(
            coalesce(superseded_reads.superseded_count, 0) + coalesce(superseded_rows.superseded_count, 0) as bigint
        ) as superseded_count,
        case
            when files.system_code is null then cast(coalesce(superseded_reads.identical_count, 0) as bigint)
        end as identical_count
    from {{ ref("stg_raw__files") }} as files
    left join superseded_reads on files.file_id = superseded_reads.file_id
    left join superseded_rows on files.file_id = superseded_rows.file_id
)

select
    files.file_id,
    files.file_name,
    files.feed,
    files.container_file_id,
    files.format_code,
    files.status_code,
    files.received_at_utc,
    files.system_code,
    files.utility_code,
    files.first_business_date,
    files.business_date,
    files.sent_at_utc,
    files.sent_count,
    files.loaded_count - superseded.superseded_count as accepted_count,
    superseded.superseded_count,
    superseded.identical_count,
    files.quarantined_count,
    files.first_interval_start_utc,
    files.last_interval_start_utc,
    files.reason,
    files.sha256
from {{ ref("stg_raw__files") }} as files
inner join superseded on files.file_id = superseded.file_id
