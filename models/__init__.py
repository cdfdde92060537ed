"""The domain: what the data is and what it means.

Belongs here: table declarations, calendar and clock rules, entities, validation and estimation, as functions of
DuckDB relations and Polars frames. Does not belong here: files, environment variables, Dagster, dbt, Great
Expectations (import-linter proves it).
"""
