"""Labels of whole files: what about them is out of the ordinary."""

from pathlib import Path

import polars as pl

from sims.meters.pieces import Piece
from sims.meters.span import is_mislabelled
from sims.meters.truth import write_parquet
from sims.world.frames import World

_LABEL = pl.Schema({"file_name": pl.String, "defect_type": pl.String, "first_date": pl.Date, "last_date": pl.Date})


def write_file_labels(truth: Path, world: World, piece: Piece, delay_days: int) -> None:
    """Write the labels of the files of a piece to `file_defects/<piece>.parquet`.

    Kinds: `out_of_order` (sent after files of later days), `wrong_stamp` (labels are the start of intervals under the
    name of their end), `clock_change` (local labels of a day of 23 or 25 hours). One row per file, kind and span of
    local dates, both included.

    Args:
        truth: Folder of the answer key.
        world: The world.
        piece: Days.
        delay_days: Days by which the MDMS's file came late.
    """
    calendar = piece.calendar
    rows: list[tuple[object, ...]] = []
    if delay_days:
        rows.append((f"reads_{piece.name}.cmep", "out_of_order", piece.first, piece.last))
    if (world.meters["sender"] == "submeters").any():
        name = f"submeters_{piece.name}.csv"
        wrong = [day for day in calendar.dates if is_mislabelled(world.first_date, day)]
        if wrong:
            rows.append((name, "wrong_stamp", wrong[0], wrong[-1]))
        lengths = (calendar.first_slot[1:] - calendar.first_slot[:-1]).tolist()
        changes = [day for day, length in zip(calendar.dates, lengths, strict=True) if length != 96]
        rows += [(name, "clock_change", day, day) for day in changes]
    folder = truth / "file_defects"
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(folder / f"{piece.name}.parquet", pl.DataFrame(rows, _LABEL, orient="row"))
