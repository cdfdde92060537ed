"""What the data-quality report asks of the published marts.

Every query takes `$first` and `$last`, local dates, both included; all but those of files speak of the dates on which
energy was used.
"""

BUILD = """
select
    build.build_id,
    build.code_version,
    build.is_synthetic,
    min(quality.usage_date) as first_usage_date,
    max(quality.usage_date) as last_usage_date
from meta_build as build
left join mart_read_quality_daily as quality on true
group by all
"""

TOTALS = """
with quality as (
    select
        count(distinct usage_date) as day_count,
        coalesce(sum(expected_read_count), 0)::bigint as expected_read_count,
        coalesce(sum(received_read_count), 0)::bigint as received_read_count,
        coalesce(sum(expected_interval_count), 0)::bigint as expected_interval_count,
        coalesce(sum(estimated_interval_count), 0)::bigint as estimated_interval_count,
        coalesce(sum(unknown_interval_count), 0)::bigint as unknown_interval_count
    from mart_read_quality_daily
    where usage_date between $first and $last
),
meters as (
    select count(distinct meter_id) as meter_count
    from fct_daily_usage
    where usage_date between $first and $last
),
failures as (
    select
        coalesce(sum(failed_count) filter (where severity = 'error' and rule_code <> 'V03'), 0)::bigint as failed_count,
        coalesce(sum(failed_count) filter (where severity = 'warning'), 0)::bigint as warned_count
    from fct_vee_failures
    where usage_date between $first and $last
)
from quality, meters, failures
"""

DAYS = """
select
    usage_date,
    sum(expected_read_count)::bigint as expected_read_count,
    sum(received_read_count)::bigint as received_read_count,
    sum(expected_interval_count)::bigint as expected_interval_count,
    sum(valid_interval_count)::bigint as valid_interval_count,
    sum(estimated_interval_count)::bigint as estimated_interval_count,
    sum(unknown_interval_count)::bigint as unknown_interval_count
from mart_read_quality_daily
where usage_date between $first and $last
group by usage_date
order by usage_date
"""

RULES = """
select
    rule_code,
    rule_name,
    coalesce(sum(failed_count) filter (where severity = 'error'), 0)::bigint as error_count,
    coalesce(sum(failed_count) filter (where severity <> 'error'), 0)::bigint as warning_count,
    sum(estimated_count)::bigint as estimated_count,
    count(distinct meter_id) as meter_count,
    count(distinct (meter_id, usage_date)) as meter_day_count
from fct_vee_failures
where usage_date between $first and $last
group by rule_code, rule_name
order by rule_code
"""

RULE_DAYS = """
select
    usage_date,
    rule_code,
    rule_code || ' ' || rule_name as rule,
    failed_count
from mart_vee_daily
where usage_date between $first and $last and failed_count > 0
order by rule_code, usage_date
"""

GROUPS = """
select
    customer_class,
    climate_zone,
    max(meter_count) as meter_count,
    sum(expected_read_count)::bigint as expected_read_count,
    sum(received_read_count)::bigint as received_read_count,
    sum(expected_interval_count)::bigint as expected_interval_count,
    sum(estimated_interval_count)::bigint as estimated_interval_count,
    sum(unknown_interval_count)::bigint as unknown_interval_count
from mart_read_quality_daily
where usage_date between $first and $last
group by customer_class, climate_zone
order by customer_class, climate_zone nulls last
"""

METHODS = """
select
    customer_class,
    climate_zone,
    estimate_method,
    sum(interval_count)::bigint as interval_count
from mart_estimates_daily
where usage_date between $first and $last
group by customer_class, climate_zone, estimate_method
order by customer_class, climate_zone nulls last, estimate_method
"""

WORST_METERS = """
with meters as (
    select
        meter_id,
        sum(expected_interval_count)::bigint as expected_interval_count,
        sum(estimated_interval_count)::bigint as estimated_interval_count,
        sum(expected_interval_count - interval_count)::bigint as unknown_interval_count,
        arg_max(
            usage_date,
            row(estimated_interval_count + expected_interval_count - interval_count, usage_date)
        ) as worst_date
    from fct_daily_usage
    where usage_date between $first and $last
    group by meter_id
    having sum(estimated_interval_count + expected_interval_count - interval_count) > 0
),
worst as (
    from meters
    order by estimated_interval_count + unknown_interval_count desc, unknown_interval_count desc, meter_id
    limit 15
),
rules as (
    select
        meter_id,
        rule_code,
        rule_name,
        count(distinct usage_date) as day_count
    from fct_vee_failures
    semi join worst using (meter_id)
    where usage_date between $first and $last
    group by meter_id, rule_code, rule_name
),
reasons as (
    select
        meter_id,
        string_agg(
            rule_code || ' ' || rule_name || if(day_count = 1, ', 1 day', ', ' || day_count || ' days'),
            '; ' order by day_count desc, rule_code
        ) as why
    from rules
    group by meter_id
)
select worst.*, reasons.why
from worst
left join reasons using (meter_id)
order by worst.estimated_interval_count + worst.unknown_interval_count desc, worst.unknown_interval_count desc, meter_id
"""

PROLONGED = """
with days as (
    select distinct meter_id, usage_date
    from fct_vee_failures
    where rule_code = 'V17' and usage_date between $first and $last
)
select
    meter_id,
    count(*) as day_count,
    min(usage_date) as first_date,
    max(usage_date) as last_date,
    count(*) over () as meter_count
from days
group by meter_id
order by day_count desc, meter_id
limit 20
"""

LATE_FILES = """
with files as (
    select
        feed,
        sent_count,
        greatest(
            0,
            coalesce(
                date_diff('day', business_date, received_at_utc::date) - 1,
                floor(epoch(received_at_utc - last_interval_start_utc) / 86400)::bigint
            )
        ) as late_days
    from fct_file_reconciliation
    where coalesce(business_date, last_interval_start_utc::date) between $first and $last
        and status_code in ('loaded', 'loaded_in_part')
)
select
    feed,
    count(*) as file_count,
    sum(sent_count)::bigint as row_count,
    count(*) filter (where late_days = 0) as file_count_0,
    count(*) filter (where late_days between 1 and 3) as file_count_3,
    count(*) filter (where late_days between 4 and 14) as file_count_14,
    count(*) filter (where late_days > 14) as file_count_more,
    max(late_days) as most_days
from files
group by feed
order by feed
"""

RESTATED = """
select
    usage_date,
    sum(restated_meter_day_count)::bigint as restated_meter_day_count,
    sum(replaced_interval_count)::bigint as replaced_interval_count
from mart_restatements_daily
where usage_date between $first and $last
group by usage_date
having sum(restated_meter_day_count) > 0 or sum(replaced_interval_count) > 0
order by usage_date
"""

FRESHNESS = """
select feed, last_good_date, limit_days, missing_date_count, first_missing_date, is_fresh, as_of_date
from fct_feed_freshness
order by feed
"""

QUARANTINED = """
select
    file_name,
    feed,
    received_at_utc::date as received_date,
    status_code,
    sent_count,
    quarantined_count,
    reason,
    count(*) over () as file_count
from fct_file_reconciliation
where (status_code = 'quarantined' or quarantined_count > 0)
    and received_at_utc::date >= $first
    and (received_at_utc::date <= $last + 1 or $last >= (select max(usage_date) from mart_read_quality_daily))
order by received_at_utc desc, file_name, file_id
limit 30
"""

AGREEMENT = """
select own_verdict, mdms_verdict, sum(interval_count)::bigint as interval_count
from mart_vee_agreement
where usage_date between $first and $last
group by own_verdict, mdms_verdict
order by own_verdict, mdms_verdict
"""
