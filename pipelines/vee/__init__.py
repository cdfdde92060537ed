"""How the vee layer is kept: what changed, which meter-days that concerns, and the files that hold them.

Belongs here: files, windows of work and their bookkeeping. Does not belong here: rules and estimates (models/vee).
"""
