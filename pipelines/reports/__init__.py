"""Reports: published figures as pages that one can read, print and forward.

Belongs here: what a report asks of the marts, its charts and its page. Does not belong here: arithmetic on energy or
time, which the marts have done, and anything that names a person or an address.
"""
