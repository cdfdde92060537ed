"""Groups that a file is summed up into, batch by batch."""

from collections.abc import Sequence

import polars as pl

from pipelines.readers.options import UnreadableFile

MOST_GROUPS = 10_000_000
_LEAST_MERGED = 500_000


class Gathered:
    """Rows grouped by keys; merged now and then, so that memory grows with the groups and not with the batches."""

    def __init__(self, schema: pl.Schema, keys: Sequence[str], merge: Sequence[pl.Expr]) -> None:
        """Start with nothing.

        Args:
            schema: Columns of the rows.
            keys: Columns that name a group.
            merge: How the other columns of several rows of a group become one.
        """
        self._keys, self._merge = list(keys), list(merge)
        self._frames = [schema.to_frame()]
        self._height, self._merged_height = 0, 0

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows of a batch.

        Raises:
            UnreadableFile: There are more groups than any file has meters.
        """
        self._frames.append(rows)
        self._height += rows.height
        if self._height > 2 * self._merged_height + _LEAST_MERGED:
            self.rows()

    def rows(self) -> pl.DataFrame:
        """One row per group so far."""
        merged = pl.concat(self._frames).group_by(self._keys).agg(self._merge)
        if merged.height > MOST_GROUPS:
            raise UnreadableFile(f"the file holds more than {MOST_GROUPS:,} meters and channels; split it")
        self._frames, self._height, self._merged_height = [merged], merged.height, merged.height
        return merged
