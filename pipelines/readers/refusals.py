"""When so much of a file is refused that the file as a whole is."""

from pipelines.readers.options import UnreadableFile

MOST_REFUSED = 1_000_000
"""Values that may be refused one by one; beyond, they must not be most of the file."""


def check_refusals(refused: int, others: int, first: str) -> None:
    """Make sure that a file which is garbage does not become as many rows of quarantine.

    Args:
        refused: Values refused so far.
        others: Values so far that are not.
        first: Line and reason of the first one refused.

    Raises:
        UnreadableFile: There are too many, and more than of the others.
    """
    if refused > MOST_REFUSED and refused > others:
        raise UnreadableFile(
            f"over {MOST_REFUSED:,} values cannot be read, which are most of the file; the first is in {first}"
        )
