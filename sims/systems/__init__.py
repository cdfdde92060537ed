"""The customer systems of the simulated utility: what each sends of the world that it knows.

Belongs here: one module per system that makes the rows of its extracts out of the society, the writer of the file
format, and the mishaps on the way. Does not belong here: what happens in the world (`sims.world`).
"""
