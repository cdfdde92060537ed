"""Extracts of outside systems: files with a header, tables and a trailer, held against their contracts.

Belongs here: how such a file is taken apart, judged and written to raw and to the vault, and what is said about it.
Does not belong here: what the contracts are (`models.extracts`), and what the rows mean (`models.entities`).

A file is looked through once for what concerns it as a whole (`envelope`), then read table by table in pieces of
bounded size: lines become fields (`records`), fields become typed rows or reasons (`judging`), rows are written
(`writer`). Personal columns leave for the vault in `writer`, nothing else that is written holds them, and nothing that
is said about a refused row quotes them (`redaction`).
"""
