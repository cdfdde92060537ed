import polars as pl
import pytest

from models.columns import ALLOWED_MINUTES
from pipelines.readers.mdff import nem12
from pipelines.readers.mdff import records as mdff
from pipelines.readers.mdff.nem12 import open_nem12
from pipelines.readers.options import ReadOptions, UnreadableFile
from tests.readers.nem12.parsed import B1, E1, END, HEADER, NO_NINE_HUNDRED, day, parse, reasons, text_of


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r\r\n"])
def test_line_ends(tmp_path, line_end):
    lines = ["", HEADER, "  ", E1 + "  ", day() + " ,, ", ",,,", END]
    values, _, _ = parse(tmp_path / "reads.csv", line_end.join(lines) + line_end)
    assert values.height == 48
    assert set(values["row_number"]) == {5}
    assert values["reason"].null_count() == 48


def test_mixed_line_ends_and_spaces_and_a_byte_order_mark(read):
    values, _, _ = read(
        f"\ufeff{HEADER}\r\n{E1}\n {day()} \r\n\n 300 , 20260106 ,".encode() + b"1," * 48 + b" A ,\n900"
    )
    assert values["row_number"].unique().to_list() == [3, 5]
    assert values["quality"].unique().to_list() == ["A"]
    assert values["reason"].null_count() == 96


def test_quotation_marks_of_spreadsheets(read):
    quoted = ",".join(f'"{field}"' for field in day().split(","))
    values, _, events = read(HEADER, E1, quoted, day(flag='S14,0,"a ""b"", c"'), END)
    assert values["value"].to_list() == [f"{k}.5" for k in range(48)] * 2
    assert events["event_text"].to_list() == ['a "b", c']


def test_several_groups_in_one_file(read):
    values, _, _ = read("", E1, day(), END, "", HEADER, B1, day(), END)
    assert values.group_by("channel_code", maintain_order=True).len().rows() == [("delivered", 48), ("received", 48)]
    assert values["reason"].null_count() == 96


def test_a_file_without_its_last_row_is_loaded_as_far_as_it_goes(read):
    values, _, _ = read(HEADER, E1, day())
    assert reasons(values) == [(4, NO_NINE_HUNDRED, 1)]
    values, _, events = read(text_of(HEADER, E1, day()).encode() + day("20260106", flag="A,79,").encode())
    assert reasons(values) == [(4, mdff._CUT, 48)]
    assert reasons(events) == [(4, mdff._CUT, 1)]
    assert values.height == 96
    values, _, _ = read(text_of(HEADER, E1, day()).encode() + day("20260106").encode()[:40])
    assert reasons(values) == [(4, mdff._CUT, 7)]
    assert reasons(read(text_of(HEADER, E1, day()).encode() + b"9")[0]) == [(4, mdff._CUT, 1)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file holds no reads: it is empty"),
        (b"\n \r\n,,,\n\x00\x00", "the file holds no reads: it is empty"),
        (text_of(HEADER, END).encode(), "the file holds no reads"),
        (text_of(HEADER, E1, END).encode(), "the file holds no reads"),
        (HEADER.encode(), "the file holds no reads"),
        (b"meter,start,kwh\n1,2,3\n", "line 1: a NEM12 or NEM13 file begins with a line of kind 100, not with this"),
        (b"\n100,NEM01,2026\n", 'line 2: version "NEM01" is not NEM12 or NEM13'),
        (text_of(HEADER, END).encode("utf-16"), "line 1: the text is not UTF-8; save the file as UTF-8 first"),
        (bytes(range(256)) * 9, "line 1: a NEM12 or NEM13 file begins with a line of kind 100, not with this"),
        (b"100," + b"x" * (24 << 20), "line 1 is longer than 16 MiB; the file is no text of lines"),
        (
            f"{HEADER}\n{E1}\n{day()}\n".encode() + b"300," * (6 << 20),
            "line 4 is longer than 16 MiB; the file is no text of lines",
        ),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, message):
    with pytest.raises(UnreadableFile) as refusal:
        parse(tmp_path / "reads.csv", content)
    assert str(refusal.value) == message


def test_lines_that_are_not_utf_8_are_refused_alone(read):
    lines = [HEADER, E1, day(), day("20260106", flag="A,0,caf\xe9"), day("20260107"), END]
    values, _, events = read("\n".join(lines).encode("latin-1"))
    fault = "the text is not UTF-8; save the file as UTF-8 first"
    assert reasons(values) == [(4, fault, 48)]
    assert reasons(events) == [(4, fault, 1)]
    assert values.height == 144


def test_row_texts_are_the_lines_verbatim(tmp_path):
    path = tmp_path / "reads.csv"
    lines = [HEADER, E1, day(count=2), "something", '"else, quoted"']
    path.write_text(text_of(*lines))
    (batch,) = open_nem12(path, ReadOptions()).batches()
    assert batch.row_texts(batch.values).to_list() == [lines[2], lines[2], lines[3], lines[4], None]


def test_the_only_meter_takes_the_name_that_is_given(read):
    frames = read(HEADER, E1, day(flag="A,79,"), "500,N,SO1,20260105101500,12", END, meter_id="M1")
    assert all(set(frame["meter_id"]) == {"M1"} for frame in frames)
    with pytest.raises(UnreadableFile, match="several meters and --meter-id names one"):
        read(HEADER, E1, day(), E1.replace("E1,N1", "E2,N1"), day(), END, meter_id="M1")


def many_days(streams=7, days=9):
    lines = [HEADER]
    for k in range(streams):
        minutes = ALLOWED_MINUTES[k % 4]
        lines.append(f"200,N{k},E1Q1,{k},{'E1' if k % 2 else 'Q1'},N1,S,kWh,{minutes},")
        for d in range(days):
            is_mixed = d % 3 == 0
            lines.append(
                day(f"202601{d + 1:02d}", count=1440 // minutes - (d == 4), flag="V,," if is_mixed else "A,7,")
            )
            lines += ["400,1,20,F14,76,", "400,21,40,A,,", "400,30,49,S14,,"] * is_mixed
            lines += [f"500,N,SO{d},20260105101500,{d}"] * (d % 4 == 0)
        lines += [f"250,N{k},11,1,11,11,S,E,1,20260101000000,A,,,2,20260105000000,A,5,,1,kWh,,,"] * (k == 3)
        lines += ["550,N,,A,X"] * (k == 3) + ["junk"] * (k == 5)
    return text_of(*lines, END)


@pytest.mark.parametrize(("piece_bytes", "batch_values"), [(3_000, 10**6), (10_000, 500), (1 << 22, 100)])
def test_batches_of_any_size_hold_the_same(tmp_path, monkeypatch, piece_bytes, batch_values):
    path = tmp_path / "reads.csv"
    whole = parse(path, many_days())
    monkeypatch.setattr(mdff, "_PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(mdff, "BATCH_VALUES", batch_values)
    monkeypatch.setattr(nem12, "BATCH_VALUES", 7)
    assert len(list(open_nem12(path, ReadOptions()).batches())) > 5
    for frame, same in zip(whole, parse(path, many_days()), strict=True):
        assert frame.equals(same)
    assert all(frame.filter(pl.col("reason").is_null()).height for frame in whole)


def test_more_rows_below_a_day_than_a_piece_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(mdff, "_PIECE_BYTES", 2_000)
    lines = [HEADER, E1, day(flag="V,,"), *["400,1,48,A,,"] * 1_000, day("20260106"), END]
    values, _, events = parse(tmp_path / "reads.csv", text_of(*lines))
    assert values["quality"].to_list() == ["A"] * 96
    assert {reason for _, reason, _ in reasons(events)} == {"the 400 row stands below no 300 row"}


def test_batches_stay_small_whatever_the_file_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(mdff, "_PIECE_BYTES", 20_000)
    monkeypatch.setattr(mdff, "BATCH_VALUES", 1_000)
    path = tmp_path / "reads.csv"
    path.write_text(text_of(HEADER, E1, *[day(values=["0"] * 48)] * 500, *["junk"] * 20_000, *["400,1,2,A,,"] * 5_000))
    heights = [batch.values.height for batch in open_nem12(path, ReadOptions()).batches()]
    assert sum(heights) == 500 * 48 + 20_000 + 1
    assert max(heights) <= 2_000
