"""When the values of a file were: the evidence in its labels, the decisions, and the instants."""
