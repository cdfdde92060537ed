"""Bills and rates in a home: which periods and cells there are, what they cost, and pricing of files on request."""
