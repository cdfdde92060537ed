"""AEMO's Meter Data File Format: NEM12 interval reads and NEM13 register reads."""
