"""Participation in the utility's programs: who joins, becomes active and leaves.

Programs: SEP steers thermostats, SDP switches air conditioners, CPP has critical peak prices, PTR rebates for peak
savings, EE-REBATE rebates for efficient appliances. SEP and SDP exclude each other, and so do CPP and PTR.
"""

from datetime import date, timedelta

from sims.world.draws import Dice
from sims.world.months import Month, recorded, recorded_before
from sims.world.streams import stream
from sims.world.town import Enrollment, Site, Stay, Town, dice_of

PROGRAMS = ("SEP", "SDP", "CPP", "PTR", "EE-REBATE")
EXCLUSIVE = {"SEP": "SDP", "SDP": "SEP", "CPP": "PTR", "PTR": "CPP"}
_DEVICES = {"SEP": "pct", "SDP": "load_control_switch"}
_FIRST_SHARES = {"SEP": 0.45, "SDP": 0.75, "CPP": 0.04, "PTR": 0.14, "EE-REBATE": 0.05}
_JOIN_RATES = {"SEP": 0.12, "SDP": 0.25, "CPP": 0.02, "PTR": 0.06, "EE-REBATE": 0.04}
"""Sign-ups per account that may join and year."""
_LEAVE_RATE = 0.08
_LEFT_BEFORE_SHARE = 0.07
_LATEST_SIGN_UP_DAY, _LONGEST_WAIT_DAYS = 12, 15
_MEMORY_DAYS = 1_100


def first_enrollments(town: Town, site: Site, stay: Stay, dice: Dice) -> None:
    """Write down the enrolments of an account before the history: present ones, and some that ended."""
    span = min((town.first_date - stay.start).days, _MEMORY_DAYS)
    known: set[str] = set()
    for program_id in PROGRAMS:
        luck, was_before = dice.share(), dice.chance(_LEFT_BEFORE_SHARE)
        if not may_join(site, stay, program_id) or EXCLUSIVE.get(program_id) in known:
            continue
        if luck < _FIRST_SHARES[program_id]:
            enrollment = _sign_up(town, program_id, town.first_date - timedelta(days=dice.integer(31, span - 5)))
            stay.enrollments[program_id] = enrollment
            known.add(program_id)
            _write_before(town, stay, program_id, enrollment, "active", enrollment.enrolled_date, dice)
        elif was_before and span > 200:
            joined = town.first_date - timedelta(days=dice.integer(150, span - 5))
            left = town.first_date - timedelta(days=dice.integer(20, 120))
            enrollment = _sign_up(town, program_id, joined)
            known.add(program_id)
            _write_before(town, stay, program_id, enrollment, "active", joined, dice)
            _write_before(town, stay, program_id, enrollment, "left", left, dice)


def change_enrollments(town: Town, month: Month) -> None:
    """Write down who joins programs in a month and who leaves; an account does one thing a month at most."""
    luck = stream(town.seed, "enrolments", month.number).random((len(town.sites), len(PROGRAMS)))
    for site, stay in town.stayers(month):
        chances = luck[site.number].tolist()
        for program_id, chance in zip(PROGRAMS, chances, strict=True):
            if program_id in stay.enrollments:
                is_due = chance < _LEAVE_RATE / 12 and stay.enrollments[program_id].enrolled_date < month.first
            else:
                is_due = chance < _JOIN_RATES[program_id] / 12 and may_join(site, stay, program_id)
            if is_due:
                _change(town, site, stay, program_id, month)
                break


def may_join(site: Site, stay: Stay, program_id: str) -> bool:
    """True where the program suits an account and its equipment, and excludes none of its present programs."""
    if EXCLUSIVE.get(program_id) in stay.enrollments:
        return False
    if program_id in _DEVICES:
        return any(device.device_type == _DEVICES[program_id] for device in site.devices)
    is_business = stay.occupant.trade is not None
    return {"CPP": stay.terms.rate_code != "D", "PTR": not is_business}.get(program_id, True)


def _change(town: Town, site: Site, stay: Stay, program_id: str, month: Month) -> None:
    """A sign-up that becomes active within the month, or the end of an enrolment."""
    dice = dice_of(town, f"enrolment in {program_id}", month, site)
    known = stay.enrollments.pop(program_id, None)
    if known is not None:
        day = month.day(dice)
        town.write_enrollment(stay, program_id, known, "left", day, recorded(day, dice))
        return
    day = month.day(dice, _LATEST_SIGN_UP_DAY)
    enrollment = _sign_up(town, program_id, day)
    stay.enrollments[program_id] = enrollment
    town.write_enrollment(stay, program_id, enrollment, "pending", day, recorded(day, dice))
    active = day + timedelta(days=dice.integer(5, _LONGEST_WAIT_DAYS))
    town.write_enrollment(stay, program_id, enrollment, "active", active, recorded(active, dice))


def _sign_up(town: Town, program_id: str, day: date) -> Enrollment:
    return Enrollment(f"EN{town.next_number('enrolment'):07}", day)


def _write_before(
    town: Town, stay: Stay, program_id: str, enrollment: Enrollment, status: str, day: date, dice: Dice
) -> None:
    at = recorded_before(day, town.first_date, dice)
    town.write_enrollment(stay, program_id, enrollment, status, day, at)
