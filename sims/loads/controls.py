"""What demand response changes: the door through which events reach the loads."""

from dataclasses import dataclass

from sims.world.calendar import Array


@dataclass(frozen=True)
class Controls:
    """Changes to a chunk's loads, each [premise, slot] float32; the loads without them are the no-event twin, exactly.

    Attributes:
        cooling_offset_degf: Added to the cooling set point, °F; 0 is neutral.
        activity_share: Share of the activity that stays; 1 is neutral.
        pool_share: Share of the pool pump that stays.
        vehicle_share: Share of electric vehicle charging that stays.
    """

    cooling_offset_degf: Array | None = None
    activity_share: Array | None = None
    pool_share: Array | None = None
    vehicle_share: Array | None = None


NEUTRAL = Controls()
"""No event."""
