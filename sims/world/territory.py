"""The service territory: climate zones, places with ZIP codes and baseline regions, feeders and streets.

A Southern-California-like area; ZIP codes are of that region's kind, and their assignment to places, like the places
and streets themselves, is invented. Baseline regions follow the climates of the tariffs: 6 and 8 on the coast, 9 and 10
inland, 13 and 14 in the valleys, 15 in the desert.
"""

from dataclasses import dataclass

from sims.world.draws import Dice

ZONE_SHARES = (0.35, 0.30, 0.25, 0.10)
COOLED_SHARES = (0.35, 0.75, 0.90, 0.97)
"""Share of homes with air conditioning, by zone."""
STATIONS = ("SIMCST", "SIMINL", "SIMVAL", "SIMDES")
"""Weather station that stands for each zone."""
PREMISES_PER_FEEDER = 60


@dataclass(frozen=True)
class Place:
    """A town of the territory.

    Attributes:
        city: Its name.
        zip_code: Its ZIP code.
        baseline_region: Baseline region of the tariffs.
        area_code: Area code of its telephones.
    """

    city: str
    zip_code: str
    baseline_region: str
    area_code: str


PLACES: tuple[tuple[Place, ...], ...] = (
    (
        Place("Playa Serena", "90266", "6", "310"),
        Place("Puerto Alto", "90731", "8", "310"),
        Place("Costa Vieja", "90803", "8", "562"),
        Place("Bahia Calma", "92648", "6", "714"),
        Place("Punta Gaviota", "93001", "6", "805"),
    ),
    (
        Place("Mesa Encina", "91101", "9", "626"),
        Place("Rio Sombra", "90631", "9", "562"),
        Place("Loma Clara", "91710", "10", "909"),
        Place("Huerta Grande", "92507", "10", "951"),
    ),
    (
        Place("Valle Trigo", "93277", "13", "559"),
        Place("Llano Seco", "93230", "13", "559"),
        Place("Cerro Pardo", "93534", "14", "661"),
        Place("Arroyo Ancho", "92345", "14", "760"),
    ),
    (
        Place("Palma Dorada", "92262", "15", "760"),
        Place("Duna Blanca", "92201", "15", "760"),
        Place("Cholla Springs", "92240", "15", "442"),
    ),
)
"""Places by zone."""

_FEEDER_CODES = ("CST", "INL", "VAL", "DES")
_TREES = (
    "Alder", "Buckeye", "Catalpa", "Deodar", "Elmwood", "Foxtail", "Gingko", "Hackberry", "Ironbark", "Jacaranda",
    "Knobcone", "Laurel", "Manzanita", "Nutmeg", "Olivera", "Pepperwood", "Quince", "Redbud", "Sycamore", "Toyon",
    "Umbria", "Verbena", "Willowbrook", "Yarrow", "Zelkova",
)  # fmt: skip
_KINDS = ("Ave", "St", "Dr", "Ln", "Ct", "Way", "Blvd")


def place_of(zone: int, rank: int) -> Place:
    """Place of the premise of a rank within its zone; a feeder supplies two neighbouring places."""
    places = PLACES[zone]
    return places[(rank // PREMISES_PER_FEEDER + rank % 2) % len(places)]


def feeder_of(zone: int, rank: int) -> str:
    """Feeder that supplies the premise of a rank within its zone."""
    return f"FDR-{_FEEDER_CODES[zone]}-{rank // PREMISES_PER_FEEDER + 1:03}"


def street_address(premise_number: int, premise_type: str, dice: Dice) -> str:
    """Street, number and unit of a premise; no two premises share one."""
    street = f"{dice.one_of(_TREES)} {dice.one_of(_KINDS)}"
    number = 100 + 7 * premise_number + dice.integer(0, 6)
    unit = {"multi_family": "Apt", "mobile_home": "Spc"}.get(premise_type)
    return f"{number} {street}" + (f" {unit} {dice.integer(1, 48)}" if unit else "")
