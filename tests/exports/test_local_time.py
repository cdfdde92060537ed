"""Clock changes of a zone in the terms of the standard, or a refusal where it has no words for them."""

import pytest

from pipelines.exports.espi_local_time import LocalTime, UnsayableZoneError, local_time


@pytest.mark.parametrize(
    ("time_zone", "fields"),
    [
        ("America/Los_Angeles", (-28800, 3600, "360E2000", "B40E2000")),
        ("America/Toronto", (-18000, 3600, "360E2000", "B40E2000")),
        ("America/St_Johns", (-12600, 3600, "360E2000", "B40E2000")),
        ("America/Phoenix", (-25200, 0, "FFFFFFFF", "FFFFFFFF")),
        ("Pacific/Honolulu", (-36000, 0, "FFFFFFFF", "FFFFFFFF")),
        ("UTC", (0, 0, "FFFFFFFF", "FFFFFFFF")),
        ("Asia/Kolkata", (19800, 0, "FFFFFFFF", "FFFFFFFF")),
        ("Europe/Paris", (3600, 3600, "3E0E2000", "AE0E3000")),
        ("Europe/Dublin", (0, 3600, "3E0E1000", "AE0E2000")),
    ],
)
def test_local_time_of_a_zone(time_zone: str, fields: tuple[int, int, str, str]) -> None:
    assert local_time(time_zone, 2025) == LocalTime(*fields)


@pytest.mark.parametrize("time_zone", ["Asia/Jerusalem", "Africa/Casablanca", "Australia/Sydney", "America/Santiago"])
def test_zones_without_a_rule_are_refused(time_zone: str) -> None:
    with pytest.raises(UnsayableZoneError, match=time_zone):
        local_time(time_zone, 2025)
