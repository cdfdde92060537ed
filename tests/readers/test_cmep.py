import re
from datetime import datetime

import polars as pl
import pytest

from pipelines.readers.batches import EVENTS, REGISTERS, VALUES
from pipelines.readers.cmep import reads as cmep
from pipelines.readers.cmep.reads import open_cmep
from pipelines.readers.cmep.records import ENERGY_UNITS
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.pieces import LONGEST_LINE

HEAD = {
    "type": "MEPMD01", "version": "19970819", "sender": "UTIL", "sender_customer": "", "receiver": "MDM",
    "receiver_customer": "A1", "created": "202601020830", "meter": "M1", "purpose": "OK", "commodity": "E",
    "units": "KWH", "constant": "1", "interval": "00000015",
}  # fmt: skip
TWO = ("202601010015", "R", "0.250"), ("", "R", "0.500")


def utc(text):
    return datetime.fromisoformat(text)


def record(*triples, count=None, tail="", **head):
    fields = [*(HEAD | head).values(), str(len(triples) if count is None else count)]
    return ",".join([*fields, *(field for triple in triples for field in triple)]) + tail


def parse(path, content, **options):
    """Values and register reads of a file, each in one frame; every refused row has its text."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    parsed = open_cmep(path, ReadOptions(**options))
    batches = list(parsed.batches())
    for batch in batches:
        assert (batch.values.schema, batch.registers.schema, batch.events.schema) == (VALUES, REGISTERS, EVENTS)
        refused = refusals(batch.values, batch.registers)
        assert batch.row_texts(refused).null_count() == 0
    return pl.concat([batch.values for batch in batches]), pl.concat([batch.registers for batch in batches])


def refusals(*frames):
    columns = ["row_number", "value_position", "reason"]
    return pl.concat([frame.filter(pl.col("reason").is_not_null()).select(columns) for frame in frames])


@pytest.fixture
def read(tmp_path):
    return lambda content, **options: parse(tmp_path / "reads.cmep", content, **options)


def test_a_record_of_three_readings_worked_out_by_hand(read):
    triples = ("202601010015", "R0", "0.250"), ("", "E", "0.5"), ("", "N", "")
    values, registers = read("\r\n" + record(*triples, meter="M 7", constant="40") + "\r\n")
    assert registers.is_empty()
    assert values.rows(named=True)[1] == {
        "row_number": 2, "value_position": 1, "meter_id": "M 7", "label": "", "wall": utc("2026-01-01 00:30"),
        "offset_minutes": 0, "end_wall": None, "end_offset_minutes": None, "reason": None,
        "channel_code": "delivered", "stream_code": None, "unit_code": None, "value": "0.5", "power_of_ten": 3,
        "multiplier": "40", "quality": "E", "minutes": 15,
    }  # fmt: skip
    assert values.select("value_position", "label", "wall", "value", "quality").rows() == [
        (0, "202601010015", utc("2026-01-01 00:15"), "0.250", "R0"),
        (1, "", utc("2026-01-01 00:30"), "0.5", "E"),
        (2, "", utc("2026-01-01 00:45"), "", "N"),
    ]


def test_what_the_format_says_of_itself(tmp_path):
    parsed = open_cmep(tmp_path / "not_there.cmep", ReadOptions())
    assert (parsed.format_code, parsed.time_zone, parsed.clock_code, parsed.label_code) == ("cmep", None, "utc", "end")
    assert (parsed.is_explicit, parsed.is_label_known, parsed.are_slots) == (True, True, False)
    with pytest.raises(FileNotFoundError):
        next(parsed.batches())


def test_batches_can_be_read_again(tmp_path):
    path = tmp_path / "reads.cmep"
    path.write_text(record(*TWO))
    parsed = open_cmep(path, ReadOptions())
    first, second = ([batch.values for batch in parsed.batches()] for _ in range(2))
    assert first[0].equals(second[0])


@pytest.mark.parametrize(
    ("units", "channel", "power", "stream"),
    [
        ("KWH", "delivered", 3, None), ("WH", "delivered", 0, None), ("MWH", "delivered", 6, None),
        ("GKWH", "received", 3, None), ("kwh", "delivered", 3, None), ("KVARH", None, 0, "KVARH"),
        ("NKWH", None, 0, "NKWH"), ("SKWH", None, 0, "SKWH"), ("GKVARH", None, 0, "GKVARH"), ("KW", None, 0, "KW"),
        ("VOLTS", None, 0, "VOLTS"), ("PULSE", None, 0, "PULSE"), ("GWH", None, 0, "GWH"), ("REG", None, 0, "REG"),
    ],
)  # fmt: skip
def test_units_tell_channel_and_scale(read, units, channel, power, stream):
    values, registers = read(record(*TWO, units=units))
    columns = ["channel_code", "power_of_ten", "stream_code", "unit_code", "reason"]
    assert values.select(columns).unique().rows() == [(channel, power, stream, stream, None)]
    assert registers.is_empty()


def test_every_energy_unit_is_tested_with_its_channel():
    assert ENERGY_UNITS == {
        "KWH": ("delivered", 3), "WH": ("delivered", 0), "MWH": ("delivered", 6), "GKWH": ("received", 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("units", "channel", "power", "unit"),
    [("KWHREG", "delivered", 3, None), ("GKWHREG", "received", 3, None), ("kWhReg", "delivered", 3, None),
     ("KVARHREG", None, 0, "KVARH"), ("SKWHREG", None, 0, "SKWH")],
)  # fmt: skip
def test_register_records_hold_readings_at_a_moment(read, units, channel, power, unit):
    triples = ("202512010800", "", "1234.5"), ("202601010800", "E", "1300.0")
    values, registers = read(record(*triples, units=units, interval="01000000"))
    assert values.is_empty()
    columns = ["wall", "value", "quality", "register_code", "channel_code", "power_of_ten", "unit_code", "consumption"]
    shared = (units, channel, power, unit, None)
    assert registers.select(columns).rows() == [
        (utc("2025-12-01 08:00"), "1234.5", "", *shared),
        (utc("2026-01-01 08:00"), "1300.0", "E", *shared),
    ]
    assert registers["reason"].null_count() == 2


@pytest.mark.parametrize("interval", ["", "00000000", "monthly"])
def test_register_readings_need_no_interval_while_their_stamps_are_written(read, interval):
    triples = ("202512010800", "", "1"), ("", "", "2")
    registers = read(record(*triples, units="KWHREG", interval=interval))[1]
    assert registers["wall"].to_list() == [utc("2025-12-01 08:00"), None]
    assert "is blank and does not follow" in registers["reason"][1]


@pytest.mark.parametrize(
    ("interval", "minutes", "second"),
    [
        ("00000005", 5, utc("2026-01-01 00:20")),
        ("00000100", 60, utc("2026-01-01 01:15")),
        ("00000060", 60, utc("2026-01-01 01:15")),
        ("00010000", 1440, utc("2026-01-02 00:15")),
        ("00010130", 1530, utc("2026-01-02 01:45")),
    ],
)
def test_blank_stamps_follow_by_the_interval(read, interval, minutes, second):
    values, _ = read(record(*TWO, interval=interval))
    assert values.select("wall", "minutes").row(1) == (second, minutes)
    assert values["reason"].null_count() == 2


def test_a_written_stamp_counts_and_what_follows_counts_from_it(read):
    triples = ("202602282330", "", "1"), ("", "", "2"), ("", "", "3"), ("202603010200", "", "4"), ("", "", "5")
    walls = read(record(*triples, interval="00000030"))[0]["wall"]
    assert [f"{wall:%m-%d %H:%M}" for wall in walls] == [
        "02-28 23:30", "03-01 00:00", "03-01 00:30", "03-01 02:00", "03-01 02:30",
    ]  # fmt: skip


@pytest.mark.parametrize("interval", ["", "00000000"])
def test_an_interval_that_is_not_stated_can_be_given(read, interval):
    values, _ = read(record(*TWO, interval=interval), interval_minutes=15)
    assert values.select("wall", "minutes").row(1) == (utc("2026-01-01 00:30"), 15)
    assert read(record(*TWO, interval="00000030"), interval_minutes=15)[0]["minutes"].to_list() == [30, 30]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"meter": ""}, "the meter id is missing"),
        ({"commodity": "G", "units": "THERM"}, 'commodity "G" is not read'),
        ({"commodity": ""}, 'commodity "" is not read'),
        ({"units": ""}, "names no units"),
        ({"purpose": "SUMMARY"}, "values sent as SUMMARY are no reads"),
        ({"purpose": "reject"}, "values sent as reject are no reads"),
        ({"created": "20260102"}, 'the record\'s time stamp "20260102" is not of the form'),
        ({"created": ""}, 'the record\'s time stamp ""'),
        ({"created": "202602300000"}, 'the record\'s time stamp "202602300000"'),
        ({"constant": "forty"}, 'the calculation constant "forty" is not a number'),
        ({"interval": ""}, "states no interval; give --interval-minutes"),
        ({"interval": "01000000"}, 'the interval "01000000" is in months'),
        ({"interval": "15"}, 'the interval "15" is not of the form MMDDHHMM'),
        ({"interval": "0000001x"}, 'the interval "0000001x" is not of the form MMDDHHMM'),
    ],
)
def test_a_fault_of_the_head_refuses_every_value_of_the_record(read, head, words):
    values, _ = read(record(*TWO, **head) + "\n" + record(*TWO))
    assert values.select("row_number", "value_position").rows() == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert [words in (reason or "") for reason in values["reason"]] == [True, True, False, False]
    assert values["value"].to_list() == ["0.250", "0.500"] * 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (record(*TWO, count=3), "has 20 fields and its count of 3 readings needs 23"),
        (record(*TWO, count=1), "has 20 fields and its count of 1 readings needs 17"),
        (record(*TWO)[:-6], "has 19 fields and its count of 2 readings needs 20"),
        (record(*TWO, tail=",x"), "has 21 fields and its count of 2 readings needs 20"),
        (record(*TWO, count=0), "has 20 fields and its count of 0 readings needs 14"),
        (record(count=2), "has 14 fields and its count of 2 readings needs 20"),
        (record(count=0), "the record holds no readings"),
        (record(*TWO, count="two"), 'the count of readings "two" is not a whole number'),
        (record(*TWO, count=""), 'the count of readings "" is not a whole number'),
        (record(*TWO, count="-2"), 'the count of readings "-2" is not a whole number'),
        (record(*TWO, count="9" * 30), "is not a whole number"),
        ("MEPMD01,19970819", "has 2 fields and its head alone needs 14"),
        ("MEPMD01", "has 1 fields and its head alone needs 14"),
        (record(*TWO, type="MEPMD02"), "time-of-use records (MEPMD02) are not read"),
        (record(*TWO, type="MEPBD01"), 'record type "MEPBD01" is not read; only MEPMD01 is'),
        (record(*TWO, type="MEPMD011"), 'record type "MEPMD011" is not read'),
        (record(*TWO, type=""), 'record type "" is not read'),
        ("hello", 'record type "hello" is not read'),
        (",,,", 'record type "" is not read'),
        (record(*TWO, meter='"M1'), "a quotation mark that does not close"),
    ],
)
def test_a_line_whose_values_cannot_be_told_apart_is_one_refused_row(tmp_path, line, words):
    path = tmp_path / "reads.cmep"
    values, registers = parse(path, f"{record(*TWO)}\n{line}\n{record(*TWO)}\n")
    assert registers.is_empty()
    assert values["row_number"].to_list() == [1, 1, 2, 3, 3]
    refused = values.row(2, named=True)
    assert (refused["value_position"], refused["value"], refused["wall"]) == (0, None, None)
    assert words in refused["reason"]
    batch = next(open_cmep(path, ReadOptions()).batches())
    assert batch.row_texts(refusals(values)).to_list() == [line]


@pytest.mark.parametrize(
    ("stamps", "faults"),
    [
        (("", ""), ["is blank", "is blank"]),
        (("2026010100", ""), ['time stamp "2026010100" is not', "is blank"]),
        (("202601012400", "202601020015"), ['time stamp "202601012400" is not', None]),
        (("202601010060", ""), ['time stamp "202601010060" is not', "is blank"]),
        (("202602290015", ""), ['time stamp "202602290015" is not', "is blank"]),
        (("+20260101001", "2026 1 1 0 5"), ['time stamp "+20260101001" is not', 'time stamp "2026 1 1 0 5" is not']),
        (("202601010015", "x"), [None, 'time stamp "x" is not']),
    ],
)
def test_stamps_that_cannot_be_read_are_refused_one_by_one(read, stamps, faults):
    values, _ = read(record(*((stamp, "R", "1") for stamp in stamps)))
    assert values["label"].to_list() == list(stamps)
    for reason, fault in zip(values["reason"], faults, strict=True):
        assert (reason is None) == (fault is None)
        assert fault is None or fault in reason


def test_blank_stamps_past_the_calendar_are_refused(read):
    values, _ = read(record(("999912310000", "", "1"), ("", "", "2"), interval="00990000"))
    assert values["wall"][1] is None
    assert "is blank" in values["reason"][1]


@pytest.mark.parametrize("tail", [",", ",,,,", ", , ,", ",H01F9", ",,H01F9", "  ", ",\t"])
def test_empty_fields_or_a_checksum_may_end_a_record(read, tail):
    values, _ = read(record(*TWO, tail=tail))
    assert values["value"].to_list() == ["0.250", "0.500"]
    assert values["reason"].null_count() == 2


def test_white_space_around_fields_means_nothing(read):
    plain = read(record(*TWO, meter="M 1"))[0]
    line = record(*TWO, meter="M 1")
    assert read("  " + line.replace(",", " ,\t ") + " \r\n")[0].equals(plain)


def test_quotation_marks_hold_fields_with_commas(read):
    plain = read(record(*TWO))[0]
    assert read(",".join(f'"{field}"' for field in record(*TWO).split(",")))[0].equals(plain)
    assert read(record(*TWO, sender='"Smith, Jones"'))[0].equals(plain)
    assert read(record(*TWO, meter='"M,""7"""'))[0]["meter_id"].to_list() == ['M,"7"'] * 2
    assert read(record(("202601010015", '"R,1"', "1"), meter='"A"'))[0].select("meter_id", "quality").row(0) == (
        "A",
        "R,1",
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ends", [("\n", "\n"), ("\r\n", "\r\n"), ("\r\n", "\n"), ("\n\r\n  \n\r\r\n", "")])
def test_line_ends_and_byte_order_marks(read, mark, ends):
    values, _ = read(mark + f"{record(*TWO)}{ends[0]}{record(*TWO, meter='M2')}{ends[1]}".encode())
    assert values["meter_id"].to_list() == ["M1", "M1", "M2", "M2"]
    assert values["row_number"].to_list() == [1, 1, *[1 + ends[0].count("\n")] * 2]


def test_texts_of_refused_values_show_the_head_and_the_value(tmp_path):
    path = tmp_path / "reads.cmep"
    triples = ("202601010015", "R", "1"), ("", "E", "2"), ("", "", "3")
    values, _ = parse(path, record(*triples, commodity="W"))
    head = ",".join(record(*triples, commodity="W").split(",")[:14])
    batch = next(open_cmep(path, ReadOptions()).batches())
    assert batch.row_texts(refusals(values)[[2, 0, 1]]).to_list() == [
        f"{head},...,,,3", f"{head},202601010015,R,1,...", f"{head},...,,E,2,...",
    ]  # fmt: skip


def test_a_meter_given_by_the_caller_is_the_only_one(read):
    content = record(*TWO, meter="") + "\n" + record(*TWO)
    assert read(content, meter_id="HOME")[0]["meter_id"].to_list() == ["HOME"] * 4
    with pytest.raises(UnreadableFile, match="holds several meters and --meter-id names one"):
        read(content + "\n" + record(*TWO, meter="M2"), meter_id="HOME")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "the file is empty"),
        (b"MEPMD01\n\nM\xff\n", "line 3: the text is not UTF-8"),
        (b"MEPMD01\nM\0\n", "line 2: the file is binary or damaged"),
        (b"\n" + b"x" * (LONGEST_LINE + (16 << 20)), "line 2 is longer than 16 MiB"),
    ],
)
def test_files_that_cannot_be_read_as_a_whole(read, content, words):
    with pytest.raises(UnreadableFile, match=re.escape(words)):
        read(content)


def test_pieces_join_without_a_seam(tmp_path, monkeypatch):
    path = tmp_path / "reads.cmep"
    lines = [record(*TWO, meter=f"M{k}") for k in range(50)] + ["é", ""] + [record(*TWO, units="KWHREG")] * 3
    content = "\r\n".join(lines)
    whole = parse(path, content)
    monkeypatch.setattr(cmep, "_PIECE_BYTES", 300)
    assert len(list(open_cmep(path, ReadOptions()).batches())) > 10
    assert all(piecewise.equals(once) for piecewise, once in zip(parse(path, content), whole, strict=True))


def test_a_month_of_five_minute_values_in_one_record(read):
    triples = [("202601010005", "R", "0.001"), *[("", "R", "0.002")] * (31 * 288 - 1)]
    values, _ = read(record(*triples, interval="00000005"))
    assert values["wall"][-1] == utc("2026-02-01 00:00")
    assert values["value_position"].to_list() == list(range(31 * 288))
