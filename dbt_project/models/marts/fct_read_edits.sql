-- one row per manual edit
-- an edit is in force where it decides the published value; what came since is told of those only
select
    edits.edit_id,
    edits.meter_id,
    edits.channel_code,
    edits.interval_start_utc,
    edits.usage_date,
    edits.action_code,
    {{ kwh("edits.reported_wh") }} as reported_kwh,
    {{ kwh("edits.edited_wh") }} as edited_kwh,
    edits.actor,
    edits.reason,
    edits.recorded_at_utc,
    in_force.edit_id is not null as is_in_force,
    coalesce(in_force.is_contested, false) as is_contested,
    case when in_force.is_contested then {{ kwh("in_force.reported_wh") }} end as contesting_kwh,
    case when in_force.is_contested then in_force.reported_at_utc end as contesting_received_at_utc
from {{ ref("stg_entities__read_edits") }} as edits
left join {{ ref("stg_vee__edits_in_force") }} as in_force on edits.edit_id = in_force.edit_id
