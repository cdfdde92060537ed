"""Time labels as text: ISO 8601 and the other spellings that meter exports use."""

import polars as pl

_ISO_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_SAMPLE = 100
_MAX_OFFSET_MINUTES = 14 * 60
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y")
_MONTH_FIRST = "%m/%d/%Y"
_DAY_FIRST = "%d/%m/%Y"
_WITH_OFFSET = r"^(.*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|\d{8}T\d{4,6})\s*([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
_DATE_AND_TIME = r"^(\d{4}\d{2}\d{2})T?(\d{4}|\d{6})$|^(\d{1,2} \w{3} \d{4}|[^ T]+)(?:[ T]+(.*))?$"
_CLOCK_TIME = r"^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?$"


def parse_labels(texts: pl.Series) -> pl.DataFrame:
    """Read time labels.

    Dates are year-month-day with any usual separator, day.month.year, day-month name-year, or with slashes
    month/day/year. Slashed dates are read as day/month/year where that reads every label of the file and
    month/day/year does not. 24:00 is the midnight that ends the day. A label without time of day is the day's first
    midnight.

    Args:
        texts: Labels, best without repeats; blanks and nulls stay unread.

    Returns:
        One row per label, in order: `label` as given, `wall` (naive time as written, microseconds, null where it
        cannot be read) and `offset_minutes` (Int32, minutes east of Greenwich where the label states them).
    """
    frame = texts.alias("label").to_frame().with_columns(core=pl.col("label").str.strip_chars())
    has_offset = pl.col("core").str.contains(r"(?:[Zz]|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$")
    if frame.select(has_offset.any()).item():
        groups = pl.col("core").str.extract_groups(_WITH_OFFSET)
        frame = frame.with_columns(groups.struct.rename_fields(["before", "zone"]).alias("groups")).unnest("groups")
        frame = frame.with_columns(core=pl.coalesce("before", "core"))
    else:
        frame = frame.with_columns(zone=pl.lit(None, pl.String))
    frame = frame.with_columns(wall=_iso(frame["core"]), offset_minutes=_offset_minutes(pl.col("zone")))
    unread = frame["wall"].is_null() & frame["core"].is_not_null()
    if unread.any():
        others = frame.with_row_index("row").filter(unread).select("row", other=_other(frame["core"].filter(unread)))
        frame = frame.with_columns(wall=frame["wall"].scatter(others["row"], others["other"]))
    is_offset = pl.col("offset_minutes").abs().fill_null(0) <= _MAX_OFFSET_MINUTES
    return frame.select("label", wall=pl.when(is_offset).then("wall"), offset_minutes="offset_minutes")


def parse_dates(texts: pl.Series) -> pl.DataFrame:
    """Read civil dates; the formats of `parse_labels`.

    Returns:
        One row per text, in order: `label` as given and `day` (Date, null where it cannot be read).
    """
    labels = parse_labels(texts)
    is_midnight = pl.col("wall").dt.truncate("1d") == pl.col("wall")
    return labels.select("label", day=pl.when(is_midnight).then(pl.col("wall").dt.date()))


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
    return walls


def _offset_minutes(zone: pl.Expr) -> pl.Expr:
    digits = zone.str.replace_all(r"\D", "")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours = digits.str.slice(0, 2).cast(pl.Int32, strict=False)
    minutes = digits.str.slice(2, 2).cast(pl.Int32, strict=False).fill_null(0)
    signed = sign * (hours * 60 + minutes)
    return pl.when(zone.is_null()).then(None).when(digits == "").then(0).otherwise(signed).cast(pl.Int32)


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
