"""Exports: published usage written in the file formats of other systems.

Belongs here: what an outside format looks like, and which rows of the published marts go into it. Does not belong
here: how those rows came about (that is the warehouse), and reading such files back (that is `pipelines.readers`).
An export reads one published generation, streams, and either writes a whole file or leaves none.
"""
