"""Recomputation of published figures: plain arithmetic on recorded facts, apart from the code that made the figures.

Facts come as dataclasses, watt-hours as Python integers; nothing here is SQL or a frame. What is believed of the
record: which value outranked which, the method of an estimate, and the days it rests on. What is computed again: the
calendar, every value from the reads as they came, and every sum, count and demand.
"""
