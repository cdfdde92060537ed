{# Sums of days to a month, of columns that meter-days and account-days have alike; what is unknown of a day that was
   used is unknown of its month, but for energy, of which the known part is told. #}
{% macro month_sums() -%}
    cast(sum(delivered_kwh) as decimal(14, 3)) as delivered_kwh,
    cast(sum(received_kwh) as decimal(14, 3)) as received_kwh,
    case when bool_and(is_hourly) then cast(sum(on_peak_kwh) as decimal(14, 3)) end as on_peak_kwh,
    max(peak_kw) as peak_kw,
    cast(sum(known_kwh) * 60 / nullif(sum(known_minutes), 0) as decimal(14, 6)) as average_kw,
    case when count(*) = count(heating_degree_days) then cast(sum(heating_degree_days) as decimal(8, 1)) end
        as heating_degree_days,
    case when count(*) = count(cooling_degree_days) then cast(sum(cooling_degree_days) as decimal(8, 1)) end
        as cooling_degree_days,
    cast(count(*) as integer) as day_count,
    cast(sum(interval_count) as integer) as interval_count,
    cast(sum(expected_interval_count) as integer) as expected_interval_count,
    cast(sum(estimated_interval_count) as integer) as estimated_interval_count,
    cast(sum(valid_interval_count) as integer) as valid_interval_count
{%- endmacro %}
