"""Scripts that draw the pictures of the documentation.

Belongs here: one script per page with pictures, `python -m docs.plots.<page> HOME`, and the look that they share. Does
not belong here: arithmetic that anything else relies on. With tests and benchmarks, the only readers of `truth/`.
"""
