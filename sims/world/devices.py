"""Devices in customers' home area networks, and what several sources report of them.

The device management system knows each device as it is. The customer system, the web site and the CRM know some of
them, and are wrong at times. Devices belong to the premise: they stay when people move.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from sims.world.draws import Dice
from sims.world.months import Month, at_office, recorded, recorded_before
from sims.world.people import Occupant
from sims.world.streams import stream
from sims.world.town import Device, Site, Stay, Town, dice_of

MODELS = {
    "ihd": ("Lumen Glance 3", "Casa Meter View"),
    "ems": ("HearthOS Hub", "Gridwise Home 2"),
    "pct": ("Tempra T4", "Ecoline Smart 5"),
    "load_control_switch": ("Saver Switch 900",),
    "ev_charger": ("Voltway 32", "Ampere Home 48"),
}
_DISPLAY_SHARES = {"ihd": 0.85, "ems": 0.6, "pct": 0.5, "load_control_switch": 0.0, "ev_charger": 0.0}
_CONTROL_SHARES = {"ihd": 0.0, "ems": 0.7, "pct": 1.0, "load_control_switch": 1.0, "ev_charger": 0.3}
_IHD_SHARE, _EMS_SHARE, _SWITCH_SHARE, _CHARGER_SHARE = 0.12, 0.04, 0.10, 0.40
_REPORTER_SHARES = {"CSS": 0.25, "WEB": 0.15, "CRM": 0.12}
_CONTRADICTION_SHARE = 0.18
_HEARS_OF_REMOVAL_SHARE = 0.5
DISPLAY_CHANNELS = ("ihd", "ems")
"""Ways to be contacted that need a registered device which shows text."""
YEARLY_CHANGES = {"ihd": 0.03, "pct": 0.04, "ems": 0.01, "load_control_switch": 0.01, "removal": 0.03}
"""Registrations and removals per home and year."""


def install_first_devices(town: Town, site: Site, occupant: Occupant) -> None:
    """Register the devices that a premise has at the beginning, and let people prefer to be told by them."""
    if site.building.is_business:
        return
    dice = Dice(town.seed, "first devices", site.number)
    kinds = ["ihd"] * dice.chance(_IHD_SHARE) + ["ems"] * dice.chance(_EMS_SHARE)
    kinds += ["load_control_switch"] * (site.building.is_cooled_centrally and dice.chance(_SWITCH_SHARE))
    kinds += ["ev_charger"] * (occupant.vehicle is not None and dice.chance(_CHARGER_SHARE))
    for kind in kinds:
        _register(town, site, kind, town.first_date - timedelta(days=dice.integer(30, 1_500)), dice)
    if site.building.thermostat_since_date is not None:
        _register(town, site, "pct", site.building.thermostat_since_date, dice)
    for channel in DISPLAY_CHANNELS:
        if has_display(site, channel) and dice.chance(0.4):
            occupant.customer.preferred_channel = channel


def has_display(site: Site, device_type: str) -> bool:
    """True for a premise with a registered device of a type that shows text."""
    return any(device.device_type == device_type and device.can_display_text for device in site.devices)


def change_devices(town: Town, month: Month) -> None:
    """Register and remove the devices of a month, at premises whose occupants stay."""
    luck = stream(town.seed, "device changes", month.number).random((len(town.sites), len(YEARLY_CHANGES)))
    is_due = luck < np.array(list(YEARLY_CHANGES.values())) / 12
    for site, stay in town.stayers(month):
        if site.building.is_business or not is_due[site.number].any():
            continue
        kind = list(YEARLY_CHANGES)[int(np.flatnonzero(is_due[site.number])[0])]
        dice = dice_of(town, "device change", month, site)
        day = month.day(dice)
        if kind == "removal":
            _remove(town, site, stay, day, dice)
        elif _suits(site, kind):
            _register(town, site, kind, day, dice)
            if kind == "pct":
                site.building.thermostat_since_date = day


def _suits(site: Site, kind: str) -> bool:
    has_one = any(device.device_type == kind for device in site.devices)
    needs_cooling = kind in ("pct", "load_control_switch")
    return not has_one and (site.building.is_cooled_centrally or not needs_cooling)


def _register(town: Town, site: Site, kind: str, day: date, dice: Dice) -> None:
    """Register a device with the registry and with the sources that hear of it."""
    is_first = day < town.first_date
    registered = at_office(day, dice)
    device = Device(
        device_id=f"HAN{town.next_number('device'):07}",
        device_type=kind,
        device_model=dice.one_of(MODELS[kind]),
        can_display_text=dice.chance(_DISPLAY_SHARES[kind]),
        is_controllable=dice.chance(_CONTROL_SHARES[kind]),
        registered_at_utc=registered,
        reporters=tuple(source for source, share in _REPORTER_SHARES.items() if dice.chance(share)),
    )
    site.devices.append(device)
    _write_truth(town, site, device, day, registered, None)
    _write_report(town, site, device, device, "DMS", day, registered, None)
    for source in device.reporters:
        at = recorded_before(day, town.first_date, dice) if is_first else recorded(day, dice)
        _write_report(town, site, device, _as_told(device, dice), source, day, max(at, registered), None)


def _remove(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> None:
    """Remove a device that nobody relies on; some sources do not hear of it."""
    relied_on = {member.preferred_channel for member in stay.occupant.members} | {"pct"}
    if "SDP" in stay.enrollments:
        relied_on.add("load_control_switch")
    free = [device for device in site.devices if device.device_type not in relied_on]
    if not free:
        return
    device = dice.one_of(free)
    site.devices.remove(device)
    removed = at_office(day, dice)
    _write_truth(town, site, device, day, removed, removed)
    _write_report(town, site, device, device, "DMS", day, removed, removed)
    for source in device.reporters:
        if dice.chance(_HEARS_OF_REMOVAL_SHARE):
            at = max(recorded(day, dice), removed)
            _write_report(town, site, device, device, source, day, at, removed)


def _as_told(device: Device, dice: Dice) -> Device:
    """A device as a source other than the registry reports it: of another type, or with its display mistaken."""
    luck = dice.share()
    if luck >= _CONTRADICTION_SHARE:
        return device
    if luck < 0.35 * _CONTRADICTION_SHARE:
        return replace(device, device_type=dice.one_of([kind for kind in MODELS if kind != device.device_type]))
    shows = None if dice.chance(0.5) else not device.can_display_text
    return replace(device, can_display_text=shows)


def _write_truth(town: Town, site: Site, device: Device, day: date, at: datetime, removed: datetime | None) -> None:
    town.write("devices", device.device_id, day, at, *_facts(site, device), removed)


def _write_report(
    town: Town, site: Site, device: Device, told: Device, source: str, day: date, at: datetime, removed: datetime | None
) -> None:
    is_contradiction = told != device
    row = (device.device_id, source, day, at, *_facts(site, told), removed, is_contradiction)
    town.write("device_reports", *row)


def _facts(site: Site, device: Device) -> tuple[object, ...]:
    return (
        site.building.premise_id,
        device.device_type,
        device.device_model,
        device.can_display_text,
        device.is_controllable,
        device.registered_at_utc,
    )
