"""Recomputation of published figures: plain arithmetic on recorded facts, apart from the code that made the figures.

Facts come as dataclasses, watt-hours as Python integers; nothing here is SQL or a frame. Of the record
these are believed: which value outranked which, the method of an estimate, and the days it rests on. These are computed again: the calendar,
every value from the reads as they came, and every sum, count and demand.
"""
