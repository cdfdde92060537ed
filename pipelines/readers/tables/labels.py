"""Time labels as text: ISO 8601 and the other spellings that meter exports use."""

from datetime import datetime

import polars as pl

from models.clock import standard_offset_minutes
from pipelines.readers.times.placing import in_years

_ISO_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_SAMPLE = 100
_MAX_OFFSET_MINUTES = 14 * 60
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y")
_MONTH_FIRST = "%m/%d/%Y"
_DAY_FIRST = "%d/%m/%Y"
_TWO_DIGIT_YEAR = r"^(\d{1,2}/\d{1,2}/)(\d{2})$"
_ZONE = r"[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?|(?i:(?:AK|[PMCEAHN])[SD]T)"
_WITH_OFFSET = (
    rf"^(.*\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?|\d{{8}}T\d{{4,6}})\s*({_ZONE})$"
)
_STANDARD_OFFSETS = {
    "nst": -210, "ast": -240, "est": -300, "cst": -360, "mst": -420, "pst": -480, "akst": -540, "hst": -600,
    "at": -240, "et": -300, "ct": -360, "mt": -420, "pt": -480, "akt": -540, "utc": 0, "gmt": 0, "z": 0,
}  # fmt: skip
"""Minutes east of Greenwich of the standard times of North America; those that end in a bare t need a flag."""
_DAYLIGHT_OFFSETS = {
    "ndt": -150, "adt": -180, "edt": -240, "cdt": -300, "mdt": -360, "pdt": -420, "akdt": -480, "hdt": -540,
}  # fmt: skip
_NO_DAYLIGHT = ("utc", "gmt", "z")
_OFFSET_NUMBER = r"^(?:utc|gmt)?\s*([+-]?)(?:(\d{1,2})(?::(\d{2}))?|(\d{3})|(\d{1,2}\.\d{1,4}))$"
_FOUR_DIGITS = r"^([^\d]*)(\d{2})(\d{2})$"
_MINUTES_OR_HOURS = 600
_DST_FLAGS = {
    "y": True, "yes": True, "1": True, "true": True, "t": True, "d": True, "dst": True, "daylight": True,
    "n": False, "no": False, "0": False, "false": False, "f": False, "s": False, "std": False, "standard": False,
}  # fmt: skip
_DATE_AND_TIME = r"^(\d{4}\d{2}\d{2})T?(\d{4}|\d{6})$|^(\d{1,2} \w{3} \d{4}|[^ T]+)(?:[ T]+(.*))?$"
_CLOCK_TIME = r"^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?$"


def parse_labels(texts: pl.Series) -> pl.DataFrame:
    """Read time labels.

    Dates are year-month-day with any usual separator, day.month.year, day-month name-year, or with slashes
    month/day/year. Slashed dates are read as day/month/year where that reads every label of the file and
    month/day/year does not; a slashed year of two digits is of this century. 24:00 is the midnight that ends the day.
    A label without time of day is the day's first midnight. A label may end in a UTC offset or in the abbreviation of
    a time zone of North America (PST, PDT, AKST).

    Args:
        texts: Labels, best without repeats; blanks and nulls stay unread.

    Returns:
        One row per label, in order: `label` as given, `wall` (naive time as written, microseconds, null where it
        cannot be read) and `offset_minutes` (Int32, minutes east of Greenwich where the label states them).
    """
    frame = texts.alias("label").to_frame().with_columns(core=pl.col("label").str.strip_chars())
    has_offset = pl.col("core").str.contains(rf"(?:{_ZONE})$")
    if frame.select(has_offset.any()).item():
        groups = pl.col("core").str.extract_groups(_WITH_OFFSET)
        frame = frame.with_columns(groups.struct.rename_fields(["before", "zone"]).alias("groups")).unnest("groups")
        frame = frame.with_columns(offset_minutes(frame["zone"]), core=pl.coalesce("before", "core"))
    else:
        frame = frame.with_columns(zone=pl.lit(None, pl.String), offset_minutes=pl.lit(None, pl.Int32))
    frame = frame.with_columns(wall=_iso(frame["core"]))
    unread = frame["wall"].is_null() & frame["core"].is_not_null()
    if unread.any():
        others = frame.with_row_index("row").filter(unread).select("row", other=_other(frame["core"].filter(unread)))
        frame = frame.with_columns(wall=frame["wall"].scatter(others["row"], others["other"]))
    is_offset = pl.col("zone").is_null() | pl.col("offset_minutes").is_not_null()
    return frame.select("label", wall=pl.when(is_offset).then("wall"), offset_minutes="offset_minutes")


def parse_dates(texts: pl.Series) -> pl.DataFrame:
    """Read civil dates; the formats of `parse_labels`.

    Returns:
        One row per text, in order: `label` as given and `day` (Date, null where it cannot be read).
    """
    labels = parse_labels(texts)
    is_midnight = pl.col("wall").dt.truncate("1d") == pl.col("wall")
    return labels.select("label", day=pl.when(is_midnight).then(pl.col("wall").dt.date()))


def offset_minutes(zone_texts: pl.Series, dst_flags: pl.Series | None = None) -> pl.Series:
    """Read UTC offsets from a column of time zones, and from one that flags daylight saving.

    A zone is an offset (-08:00, -0800, -8, UTC-8, -8.0), an offset in minutes (-480), or an abbreviation of North
    America. With a flag the abbreviation of a standard time is the zone's name: PST with the flag Y is daylight time.
    A number and the abbreviation of a daylight time hold whatever the flag says. Three digits without a colon are
    minutes where a zone can be so many quarters of an hour from Greenwich, else hours and minutes; 600 could be either
    and is not read.

    Args:
        zone_texts: Cells of the zone column.
        dst_flags: Cells of the flag column, as many: Y or N, 1 or 0, true or false, D or S; blank says nothing.

    Returns:
        Int32, minutes east of Greenwich; null where either text is unknown or the zone is blank.
    """
    flags = pl.Series([None], dtype=pl.String).new_from_index(0, len(zone_texts)) if dst_flags is None else dst_flags
    cells = pl.DataFrame({"zone": zone_texts.cast(pl.String), "flag": flags.cast(pl.String)})
    distinct = cells.unique()
    plain = distinct.select(pl.all().str.strip_chars().str.to_lowercase().fill_null(""))
    is_daylight = plain["flag"].replace_strict(_DST_FLAGS, default=None, return_dtype=pl.Boolean)
    named = plain.select(
        standard=pl.col("zone").replace_strict(_STANDARD_OFFSETS, default=None, return_dtype=pl.Int32),
        daylight=pl.col("zone").replace_strict(_DAYLIGHT_OFFSETS, default=None, return_dtype=pl.Int32),
        stated=_stated_offset(pl.col("zone")),
        is_daylight=is_daylight,
        is_generic=pl.col("zone").str.contains("^(?:ak|[pmcea])t$") & is_daylight.is_null(),
        moves=~pl.col("zone").is_in(_NO_DAYLIGHT),
        is_unknown=is_daylight.is_null() & (pl.col("flag") != ""),
    )
    shifted = pl.col("standard") + 60 * (pl.col("is_daylight").fill_null(value=False) & pl.col("moves")).cast(pl.Int32)
    minutes = pl.coalesce("stated", "daylight", pl.when(~pl.col("is_generic")).then(shifted))
    is_known = ~pl.col("is_unknown") & (minutes.abs() <= _MAX_OFFSET_MINUTES)
    table = distinct.with_columns(named.select(minutes=pl.when(is_known).then(minutes)))
    joined = cells.join(table, on=["zone", "flag"], how="left", nulls_equal=True, maintain_order="left")
    return joined["minutes"].alias("offset_minutes")


def flagged_offset_minutes(dst_flags: pl.Series, walls: pl.Series, time_zone: str) -> pl.Series:
    """UTC offsets of a zone's labels by a flag of daylight saving alone.

    Args:
        dst_flags: Cells of the flag column, as in `offset_minutes`.
        walls: The labels' naive times, as many; the first tells the year of the zone's standard time.
        time_zone: IANA zone.

    Returns:
        Int32, minutes east of Greenwich; null where the flag is blank or unknown.
    """
    first = walls.filter(in_years(walls)).min()
    standard = standard_offset_minutes(time_zone, first.year) if isinstance(first, datetime) else 0
    words = dst_flags.cast(pl.String).str.strip_chars().str.to_lowercase()
    is_daylight = words.replace_strict(_DST_FLAGS, default=None, return_dtype=pl.Boolean)
    return (standard + 60 * is_daylight.cast(pl.Int32)).cast(pl.Int32).alias("offset_minutes")


def _stated_offset(zone: pl.Expr) -> pl.Expr:
    """Minutes that a number states; null for anything else."""
    groups = zone.str.replace(_FOUR_DIGITS, "${1}${2}:${3}").str.extract_groups(_OFFSET_NUMBER)
    sign = pl.when(groups.struct.field("1") == "-").then(-1).otherwise(1)
    hours, minutes, three, decimal = (
        groups.struct.field(str(group)).cast(kind, strict=False)
        for group, kind in ((2, pl.Int32), (3, pl.Int32), (4, pl.Int32), (5, pl.Float64))
    )
    in_minutes = (three % 15 == 0) & (three <= _MAX_OFFSET_MINUTES)
    of_three = (
        pl.when(in_minutes & (three != _MINUTES_OR_HOURS))
        .then(three)
        .when(~in_minutes & (three % 100 < 60))
        .then(three // 100 * 60 + three % 100)
    )
    of_hours = pl.when(minutes.fill_null(0) < 60).then(hours * 60 + minutes.fill_null(0))
    of_decimal = pl.when((decimal * 60) % 1 == 0).then((decimal * 60).cast(pl.Int32))
    return (sign * pl.coalesce(of_hours, of_three, of_decimal)).cast(pl.Int32)


def _iso(core: pl.Series) -> pl.Series:
    """ISO date and time by whole-column parsing, the fast path; the format of the first labels is tried first."""
    sample = core.drop_nulls().head(_SAMPLE)

    def fits(text_format: str) -> int:
        return sample.str.to_datetime(text_format, time_unit="us", strict=False).null_count()

    walls = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, len(core))
    for text_format in sorted(_ISO_FORMATS, key=fits):
        if fits(text_format) == len(sample) or walls.null_count() == core.null_count():
            break
        walls = walls.zip_with(walls.is_not_null(), core.str.to_datetime(text_format, time_unit="us", strict=False))
    has_leap_second = core.str.ends_with(":60").fill_null(value=False)
    return walls.set(has_leap_second, None) if has_leap_second.any() else walls


def _other(core: pl.Series) -> pl.Series:
    """Date and time of day read apart."""
    parts = core.alias("core").to_frame().select(pl.col("core").str.extract_groups(_DATE_AND_TIME).alias("parts"))
    parts = parts.select(
        date=pl.coalesce(pl.col("parts").struct.field("1"), pl.col("parts").struct.field("3")),
        time=pl.coalesce(pl.col("parts").struct.field("2"), pl.col("parts").struct.field("4")),
    )
    clock = parts["time"].str.strip_chars().str.extract_groups(_CLOCK_TIME).struct.unnest()
    clock.columns = ["hour", "minute", "second", "fraction", "half"]
    number = {name: pl.col(name).cast(pl.Int64, strict=False) for name in ("hour", "minute", "second")}
    afternoon = pl.col("half").str.to_lowercase() == "p"
    hour = (
        pl.when(pl.col("half").is_null())
        .then(number["hour"])
        .when(number["hour"].is_between(1, 12))
        .then(number["hour"] % 12 + 12 * afternoon.cast(pl.Int64))
    )
    seconds = hour * 3600 + number["minute"] * 60 + number["second"].fill_null(0)
    is_time = (number["minute"] < 60) & (number["second"].fill_null(0) < 60) & (seconds <= 86_400)
    fraction = pl.col("fraction").str.strip_chars_end("0").str.len_bytes().fill_null(0) > 0
    times = clock.select(
        seconds=pl.when(is_time).then(seconds), micros=pl.when(fraction).then(1).otherwise(0)
    ).with_columns(days=_dates(parts["date"]), time=parts["time"])
    since = (
        pl.when(pl.col("time").is_null() | (pl.col("time") == ""))
        .then(0)
        .otherwise(pl.col("seconds") * 1_000_000 + pl.col("micros"))
    )
    return times.select(pl.col("days").cast(pl.Datetime("us")) + pl.duration(microseconds=since)).to_series()


def _dates(texts: pl.Series) -> pl.Series:
    texts = texts.str.replace(_TWO_DIGIT_YEAR, "${1}20${2}")
    days = texts.str.to_date(_DATE_FORMATS[0], strict=False)
    for text_format in _DATE_FORMATS[1:]:
        if days.null_count() == texts.null_count():
            return days
        days = days.zip_with(days.is_not_null(), texts.str.to_date(text_format, strict=False))
    slashed = texts.str.contains("/", literal=True) & days.is_null()
    month_first = texts.str.to_date(_MONTH_FIRST, strict=False)
    day_first = texts.str.to_date(_DAY_FIRST, strict=False)
    is_day_first = (month_first.is_null() & slashed).any() and not (day_first.is_null() & slashed).any()
    return days.zip_with(days.is_not_null(), day_first if is_day_first else month_first)
