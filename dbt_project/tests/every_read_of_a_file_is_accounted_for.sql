-- rows: files whose reads do not add up
select file_id
from {{ ref("fct_file_reconciliation") }}
where
    sent_count <> accepted_count + superseded_count + quarantined_count
    or accepted_count < 0
    or (sent_count is null and reason is null)
