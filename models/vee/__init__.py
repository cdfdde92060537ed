"""Validation, estimation and editing of interval reads.

Belongs here: rules, estimators and the order in which they act, as DuckDB SQL over relations. Does not belong here:
files and partitions (pipelines), thresholds (data/reference/vee_rules.yml, read into `VeeSettings`).
"""
