"""California Metering Exchange Protocol, MEPMD01."""
