"""Writers of the interchange formats that utilities send, for the simulated utility, for tests and for benchmarks.

Belongs here: frames of reads turned into files as a sender would write them. Does not belong here: what the reads are
(that is the simulation), and how files are read (the readers never share code with these writers).
"""
