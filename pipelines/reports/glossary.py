"""Codes of the data-quality report in the words of people who read bills and not tables."""

QUALITIES = (
    ("V", "Verified", "A person or the utility's own checks confirmed the value."),
    ("A", "Actual", "The meter's value as it came."),
    ("G", "Edited", "A person set the value."),
    ("E", "Estimated", "Computed, since no usable value came."),
    ("Q", "Questionable", "The value failed a check and nothing better is known."),
    ("N", "Missing", "No value came and none could be estimated."),
)

METHODS = (
    ("E0", "Known exactly: the one interval that a register leaves open, or the value of the exchanged channel."),
    ("E0R", "The reported shape, scaled to the register, where values were wrong by a factor."),
    ("E1", "A straight line between the neighbours of a short gap."),
    ("E2", "The average of earlier days like it, by time of day."),
    ("E3", "The profile of the customer class, at the customer's own level."),
    ("E4", "Zero, since there was no service."),
    ("EM", "As estimated by the system that sent it, whose verdict was taken."),
    ("…R", "R at the end: scaled so that the span comes to what the register counted."),
)

TERMS = (
    ("read", "One value of one channel: energy delivered to the customer, or received from the customer."),
    ("interval", "One span of time of one meter, its channels together."),
    ("completeness", "Reads received as a share of the reads expected, repeats counted once."),
    ("expected", "From a meter's first to its last read so far, every interval of every local date."),
    ("restated", "Published before, and now otherwise, because something came late or was corrected."),
)
