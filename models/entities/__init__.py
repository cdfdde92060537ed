"""Entities: what reads are about, as known from the files so far.

Pure functions of raw rows; any order of the same rows gives the same entities. What is bound to a person follows the
person, what is bound to a premise stays there when people move.
"""

from models.entities.build import extract_entities
from models.entities.meters import UNCLASSIFIED
from models.entities.reads import finest_step, meter_channels, meters_of_reads

__all__ = [
    "UNCLASSIFIED",
    "extract_entities",
    "finest_step",
    "meter_channels",
    "meters_of_reads",
]
