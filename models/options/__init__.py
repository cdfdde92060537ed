"""Options of customers: rates, programs and bundles, what each would cost under which behaviour, and how sure that is.

Bills are priced by `models.rates`; here are which options there are, the behaviours, the events of programs, the year
that is compared and its re-drawing. Who may take an option, and which one is recommended, are rules over rows: dbt.
"""
