"""Dagster assets by layer: landing and raw, entities, vee, analytics, warehouse.

Assets are thin: they call a function that can be tested without Dagster and return metadata worth seeing. Asset key =
(layer, table) = lake path = dbt schema. Checks are in `pipelines.checks`.
"""
