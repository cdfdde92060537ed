-- one row per outranked value
select
    file_id,
    row_number,
    value_position,
    usage_date,
    is_identical
from {{ source("vee", "superseded_reads") }}
