"""Moves the data: readers, lake, Dagster assets and checks, publishing, and the command line.

Belongs here: files, folders, processes, orchestration. Does not belong here: arithmetic on energy, time or money
(that is `models`).
"""
