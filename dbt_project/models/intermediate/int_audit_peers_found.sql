-- one row per account and measure: the narrowest group of similar customers that is large enough
with candidates as (
    select
        measures.account_id,
        measures.finding_code,
        peers.peer_group,
        peers.peer_count,
        peers.median_value,
        peers.upper_value,
        row_number() over (
            partition by measures.account_id, measures.finding_code order by peers.group_level
        ) as place
    from {{ ref("int_audit_measures_gathered") }} as measures
    inner join {{ ref("stg_analytics__audit_rules") }} as rules on measures.finding_code = rules.finding_code
    inner join {{ ref("int_audit_peers_ranked") }} as peers
        on
            measures.finding_code = peers.finding_code
            and rules.minimum_peer_count <= peers.peer_count
            and peers.peer_group
            = case peers.group_level
                when 1 then measures.group_1
                when 2 then measures.group_2
                when 3 then measures.group_3
                else measures.group_4
            end
)

select
    account_id,
    finding_code,
    peer_group,
    peer_count,
    median_value,
    upper_value
from candidates
where place = 1
