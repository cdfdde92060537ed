-- rows: meters with two periods that overlap
select first_period.meter_id
from {{ ref("bridge_meter_accounts") }} as first_period
inner join {{ ref("bridge_meter_accounts") }} as later_period
    on
        first_period.meter_id = later_period.meter_id
        and first_period.valid_from_date < later_period.valid_from_date
        and {{ in_period("later_period.valid_from_date", "first_period") }}
