"""What the values of a file are: watt-hours, standard quality codes, or the reason why not."""
