-- one row per finding and group of similar customers: their median and the upper quartile
with grouped as (
    select
        finding_code,
        group_1 as peer_group,
        1 as group_level,
        evidence_value
    from {{ ref("int_audit_measures_gathered") }}
    union all
    select
        finding_code,
        group_2 as peer_group,
        2 as group_level,
        evidence_value
    from {{ ref("int_audit_measures_gathered") }}
    union all
    select
        finding_code,
        group_3 as peer_group,
        3 as group_level,
        evidence_value
    from {{ ref("int_audit_measures_gathered") }}
    union all
    select
        finding_code,
        group_4 as peer_group,
        4 as group_level,
        evidence_value
    from {{ ref("int_audit_measures_gathered") }}
),

ranked as (
    select
        *,
        row_number() over (partition by finding_code, group_level, peer_group order by evidence_value) as place,
        count(*) over (partition by finding_code, group_level, peer_group) as peer_count
    from grouped
)

select
    finding_code,
    group_level,
    peer_group,
    max(peer_count) as peer_count,
    avg(case when place in (floor((peer_count + 1) / 2.0), ceil((peer_count + 1) / 2.0)) then evidence_value end)
        as median_value,
    max(case when place = ceil(0.75 * peer_count) then evidence_value end) as upper_value
from ranked
group by finding_code, group_level, peer_group
