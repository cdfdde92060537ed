"""What premises use and generate, component by component: the truth behind every read.

Belongs here: one module per component, from people, buildings and weather to kW. Does not belong here: what meters make
of it. Arrays are [premise, slot] of a chunk of premises, float32, a slot being a quarter of an hour; each component is
rounded to whole watt-hours before anything is added up, so that the parts are the net exactly.
"""
