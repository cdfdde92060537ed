from tests.readers.written import AUTUMN, SPRING, lines


def wide(day, cells, names=None):
    names = names or [f"v{k}" for k in range(1, len(cells) + 1)]
    return lines(",".join(["meter_id", "date", *names]), ",".join(["M1", day, *cells]))


def test_wide_positions_and_the_spring_gap(read):
    cells = ["0.1"] * 96
    refused = read(wide(SPRING, cells), unit="kwh")
    assert (refused.reads.height, refused.rejects["value_position"].to_list()) == (92, list(range(8, 12)))
    assert "does not exist" in refused.rejects["reason"][0]
    cells[8:12] = [""] * 4
    blank = read(wide(SPRING, cells), unit="kwh")
    assert (blank.reads.height, blank.sent_count) == (92, 92)


def test_wide_columns_past_24_hours_are_refused_where_filled(read):
    result = read(wide(AUTUMN, ["1"] * 24 + ["2"]), unit="kwh")
    assert (result.reads.height, result.rejects["value_position"].to_list()) == (24, [24])
    assert "past 24:00" in result.rejects["reason"][0]
    assert read(wide("2016-07-01", ["1"] * 24 + [""]), unit="kwh").sent_count == 24
    names = [f"{m // 60:02d}{m % 60:02d}" for m in range(15, 1501, 15)]
    ended = read(wide(AUTUMN, ["1"] * 97 + [""] * 3, names), unit="kwh")
    assert (ended.label_code, ended.reads.height, ended.rejects.height) == ("end", 96, 1)


def test_wide_faults_count_every_value(read):
    header = ",".join(["meter_id", "date", *(f"h{k}" for k in range(1, 25))])
    good, cells = ",".join(["M1", "2016-07-01", *["1"] * 24]), ",".join(["1"] * 24)
    result = read(lines(header, good, "M1,2016-07-02,1", f"M1,someday,{cells}"), unit="kwh")
    assert (result.reads.height, result.rejects.height) == (24, 48)
    repeated = read(lines(header, good, good), unit="kwh").reads
    assert repeated["repeat_number"].value_counts().sort("repeat_number").rows() == [(0, 24), (1, 24)]


def test_the_repeated_hour_of_a_wide_day_is_told(read):
    findings = read(wide(AUTUMN, ["1"] * 24), unit="kwh").findings
    assert [(found.code, found.count) for found in findings] == [("repeated_hour_once", 1)]
    assert "the second is not in the file" in findings[0].text
    names = [f"{m // 60:02d}{m % 60:02d}" for m in range(15, 1441, 15)]
    assert [found.count for found in read(wide(AUTUMN, ["1"] * 96, names), unit="kwh").findings] == [4]
    assert read(wide(AUTUMN, ["1"] * 24), unit="kwh", clock_code="standard").findings == ()
    assert read(wide(AUTUMN, ["1", "", *["1"] * 22]), unit="kwh").findings == ()
    assert read(wide("2016-07-01", ["1"] * 24), unit="kwh").findings == ()
