"""The simulated utility: what outside systems would send, made from a seed, with a hidden answer key.

Belongs here: invented worlds (homes, weather, faults), written as the files that a utility's systems send,
and the truth about them. Does not belong here: anything that reads or repairs such files. The simulator never
calls the code that it tests (import-linter proves it); only tests and benchmarks read the truth.
"""
