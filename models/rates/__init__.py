"""What energy costs: bills from usage cells, for any rate, at the prices of any date, under any behaviour.

Belongs here: the reduction of intervals to cells, the pricing of bills, and what is reckoned from prices and usage
alone. Does not belong here: tariff figures (data/reference/tariffs, read by `models.tariffs`), files (pipelines),
joins and rankings over priced bills (dbt).
"""
