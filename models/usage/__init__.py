"""What usage means beside the weather: degree days, the weather model of an account, and normalised months.

Belongs here: estimators over the daily use of accounts. Does not belong here: sums, counts and rankings of usage
(dbt), files (pipelines), thresholds (data/reference/usage.yml, read into `UsageSettings`).
"""
