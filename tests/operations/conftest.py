"""The hand-made streets, in which reads are edited here."""

from tests.marts.conftest import copy_of_streets, streets

__all__ = ["copy_of_streets", "streets"]
