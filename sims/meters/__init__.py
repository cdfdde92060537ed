"""Meters and the systems that collect them: reads, registers and events as sent, with the defects of real life.

Belongs here: what meters measure, what goes wrong on the way, what the meter data management system (MDMS), the network
management system (NMS) and a sub-metering service send, and the hidden truth about all of it. Does not belong here: why
electricity is used. Instants are naive UTC, energy is whole watt-hours, intervals are half-open.
"""
