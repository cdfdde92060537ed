-- one row per landing file: sent = accepted + superseded + quarantined
with superseded as (
    select
        file_id,
        count(*) as superseded_count,
        sum(case when is_identical then 1 else 0 end) as identical_count
    from {{ ref("stg_vee__superseded_reads") }}
    group by file_id
)

select
    files.file_id,
    files.file_name,
    files.feed,
    files.container_file_id,
    files.format_code,
    files.status_code,
    files.received_at_utc,
    files.sent_count,
    files.loaded_count - coalesce(superseded.superseded_count, 0) as accepted_count,
    coalesce(superseded.superseded_count, 0) as superseded_count,
    cast(coalesce(superseded.identical_count, 0) as bigint) as identical_count,
    files.quarantined_count,
    files.first_interval_start_utc,
    files.last_interval_start_utc,
    files.reason,
    files.sha256
from {{ ref("stg_raw__files") }} as files
left join superseded on files.file_id = superseded.file_id
