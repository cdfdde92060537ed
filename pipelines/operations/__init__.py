"""The operations store: what people do through Meterhouse, and how a run takes it in.

Belongs here: recording decisions, and handing them over to landing/ as files. Does not belong here: what a decision
means for a value (models), or reading those files (pipelines/extracts).
"""
