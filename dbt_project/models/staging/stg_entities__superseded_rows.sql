-- one row per landing file and table of an extract
select
    file_id,
    extract_name,
    superseded_count
from {{ source("entities", "superseded_rows") }}
