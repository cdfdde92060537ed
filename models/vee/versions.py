"""Versions: what a judgement changes of what was believed before, and what becomes of the beliefs that it replaces.

Every query here compares `new_rows`, what has just been judged, with `old_rows`, what stood for the same meter-days.
"""

from models.tables import Table
from models.tables.vee import EDITED_INTERVAL_READS, METER_DAY_PROFILES

_DAY = ["meter_id", "usage_date"]
_KNOWN = "known_at_utc"
_SAME_BUT_IN_NAME = "if(status_code = 'screened', 'clean', status_code)"
"""A day of which repeats were removed is as good as one without; later days cannot tell them apart."""


def changed_days(table: Table) -> str:
    """Query for the meter-days of which a table's rows differ; the time of knowing is no difference."""
    return _differing(", ".join(name for name in table.columns if name != _KNOWN))


def restated_days(table: Table) -> str:
    """Query for those among them whose difference later days or later layers may notice."""
    content = ", ".join(name for name in table.columns if name != _KNOWN)
    return _differing(content.replace("status_code", _SAME_BUT_IN_NAME) if table is METER_DAY_PROFILES else content)


def _differing(content: str) -> str:
    days = ", ".join(_DAY)
    summed = f"select {days}, count(*) as row_count, sum(hash({content})) as content_hash"
    return (
        f"select {days} from ({summed} from new_rows group by {days}) as n "
        f"full join ({summed} from old_rows group by {days}) as o using ({days}) "
        "where n.row_count is distinct from o.row_count or n.content_hash is distinct from o.content_hash"
    )


def dated(query: str) -> str:
    """Judged reads with the time since when they are known, on the clock of receipts.

    Args:
        query: Rows of `vee.interval_reads`, with the receipt of the latest file on which they rest.

    Returns:
        SQL over the variables `known_before_utc`, the receipt of the latest file at the last judgement (null for the
        first one), and `known_now_utc`, the same at this one. What was not known then is known since a later receipt:
        that of its own file, or, for what is known by the absence of one, the latest.
    """
    return (
        f"select * replace (if({_KNOWN} <= getvariable('known_before_utc'), getvariable('known_now_utc'), {_KNOWN}) "
        f"as {_KNOWN}) from ({query})"
    )


def kept_where_equal() -> str:
    """Query for `new_rows` of `vee.interval_reads`, dated as the equal ones of `old_rows` are."""
    columns = ", ".join("n." + name for name in EDITED_INTERVAL_READS.columns if name != _KNOWN)
    return (
        f"select {columns}, if({_is_equal()}, o.{_KNOWN}, n.{_KNOWN}) as {_KNOWN} "
        "from new_rows as n left join old_rows as o using (meter_id, interval_start_utc)"
    )


def superseded() -> str:
    """Query for the `old_rows` of `vee.interval_reads` that are believed no longer, as rows of `vee.read_versions`.

    A row that has gone is believed until the variable `known_now_utc`; `restatement_id` numbers the judgement.
    """
    columns = ", ".join("o." + name for name in EDITED_INTERVAL_READS.columns if name != _KNOWN)
    return (
        f"select {columns}, o.{_KNOWN} as believed_from_utc, "
        f"greatest(o.{_KNOWN}, coalesce(n.{_KNOWN}, getvariable('known_now_utc'))) as believed_to_utc, "
        "getvariable('restatement_id') as restatement_id "
        "from old_rows as o left join new_rows as n using (meter_id, interval_start_utc) "
        f"where n.meter_id is null or not ({_is_equal()}) "
        "order by o.meter_id, o.interval_start_utc"
    )


def _is_equal() -> str:
    names = [n for n in EDITED_INTERVAL_READS.columns if n not in (*EDITED_INTERVAL_READS.primary_key, _KNOWN)]
    return "o.meter_id is not null and " + " and ".join(f"n.{name} is not distinct from o.{name}" for name in names)


def as_of(reads: str, replaced: str) -> str:
    """Query for the rows of `vee.interval_reads` as they were known at an instant, the variable `known_at_utc`.

    Intervals that came later, between others of their meter that were known, are rows without a value: they were
    expected then, and lacking. Of a history that was loaded at once nobody recorded what stood in their place.

    Args:
        reads: Relation of `vee.interval_reads`.
        replaced: Relation of `vee.read_versions`.
    """
    columns = ", ".join(name for name in EDITED_INTERVAL_READS.columns if name != _KNOWN)
    then = "getvariable('known_at_utc')"
    lacking = ", ".join(_without_value(name) for name in EDITED_INTERVAL_READS.columns if name != _KNOWN)
    return f"""
        with believed as (
            select {columns}, {_KNOWN} from {reads} where {_KNOWN} <= {then} union all by name
            select {columns}, believed_from_utc as {_KNOWN} from {replaced}
            where believed_from_utc <= {then} and believed_to_utc > {then}
        ),
        spans as (
            select meter_id, min(interval_start_utc) as first_utc, max(interval_start_utc) as last_utc
            from believed group by meter_id
        )
        from believed union all by name
        select {lacking}, {then} as {_KNOWN}
        from {reads} as later
        inner join spans using (meter_id)
        anti join believed using (meter_id, interval_start_utc)
        where later.{_KNOWN} > {then} and later.interval_start_utc between spans.first_utc and spans.last_utc
    """


def _without_value(name: str) -> str:
    """A column of an interval of which nothing was known."""
    if name.endswith("_quality_code"):
        return f"if(later.{name} is null, null, 'N') as {name}"
    if name.endswith(("_wh", "_method_code")):
        return f"null as {name}"
    return f"later.{name}"


def days_of(reads: str) -> str:
    """Query for the meter-days of `vee.interval_reads`, as rows of `vee.restatements` of one judgement.

    Args:
        reads: Relation of `vee.interval_reads`.
    """
    return f"select distinct 1 as restatement_id, meter_id, usage_date from {reads} order by all"


def profiles_of(reads: str) -> str:
    """Query for the `vee.meter_day_profiles` that follow from reads alone; what outages touched is not known of them.

    Args:
        reads: Relation of `vee.interval_reads`.
    """
    channels = " union all ".join(
        f"select meter_id, '{channel}' as channel_code, usage_date, interval_minutes, {channel}_wh as final_wh, "
        f"{channel}_adjustment_wh as adjustment_wh, {channel}_quality_code as quality_code, "
        f"{channel}_method_code as method_code, "
        f"if({channel}_quality_code in ('A', 'V', 'G'), {channel}_wh, null) as valid_wh from {reads} "
        f"where {channel}_quality_code is not null"
        for channel in ("delivered", "received")
    )
    return f"""
        select
            meter_id, channel_code, usage_date,
            mode(interval_minutes) as interval_minutes,
            count(*) as expected_count,
            count(adjustment_wh) as read_count,
            count(valid_wh) as valid_count,
            count(method_code) as estimated_count,
            0 as outage_count,
            count(*) filter (where valid_wh = 0) as zero_count,
            coalesce(sum(valid_wh), 0)::bigint as valid_wh,
            max(valid_wh, 3)[1] as max_wh,
            max(valid_wh, 3)[2] as second_wh,
            max(valid_wh, 3)[3] as third_wh,
            min(valid_wh) as min_wh,
            case
                when count(valid_wh) = count(*) then 'clean'
                when count(final_wh) < count(*) then 'incomplete'
                when count(*) filter (where quality_code = 'Q') > 0 then 'questionable'
                else 'estimated'
            end as status_code
        from ({channels})
        group by meter_id, channel_code, usage_date
        order by meter_id, channel_code, usage_date
    """
