"""Lighting: it follows darkness, so it comes and goes with the season."""

from sims.loads.people import People
from sims.loads.shapes import light_shapes
from sims.world.calendar import Array
from sims.world.weather import Weather

_BY_DAY = 0.08


def lighting_kw(people: People, weather: Weather) -> Array:
    """Power of lighting, [premise, slot]: `lighting_kw` of the behaviour when it is dark and people are awake."""
    power = people.shaped(light_shapes(people))
    power *= _BY_DAY + (1 - _BY_DAY) * weather.darkness
    power *= people.calendar.daily(people.daily("lighting_kw") * people.presence)
    return power
