import pytest

from pipelines.readers import ReadOptions, UnreadableFile
from tests.readers.whole import read_file

HOST = "https://example.org/espi/1_1/resource"
READING_TYPE = {
    "accumulationBehaviour": "4",
    "commodity": "1",
    "flowDirection": "1",
    "intervalLength": "900",
    "powerOfTenMultiplier": "0",
    "uom": "72",
}
PACIFIC = {"dstEndRule": "B40E2000", "dstOffset": "3600", "dstStartRule": "360E2000", "tzOffset": "-28800"}


@pytest.fixture
def read(tmp_path):
    def read_xml(text, **options):
        path = tmp_path / "feed"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_file(path, ReadOptions(**options))

    return read_xml


def entry(self_href, up, related, resource, entry_id="urn:uuid:1"):
    links = [("self", self_href), ("up", up), *(("related", href) for href in related)]
    return "\n".join(
        [
            "<entry>",
            f"<id>{entry_id}</id>",
            *(f'<link rel="{rel}" href="{href}"/>' for rel, href in links if href),
            "<content>",
            resource,
            "</content>",
            "</entry>",
        ]
    )


def fields(tag, values):
    return (
        f'<{tag} xmlns="http://naesb.org/espi">' + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + f"</{tag}>"
    )


def reading(start, value, duration=900, quality=None):
    code = f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" if quality else ""
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading>{code}{period}<value>{value}</value></IntervalReading>"


def block(point, number, readings, separator="\n"):
    path = f"{HOST}/{point}/MeterReading/{number}/IntervalBlock"
    return entry(
        f"{path}/1",
        path,
        [],
        '<IntervalBlock xmlns="http://naesb.org/espi">' + separator.join(readings) + "</IntervalBlock>",
    )


def meter(point, reading_types, entry_id="urn:uuid:1"):
    parts = [
        entry(
            f"{HOST}/{point}",
            f"{HOST}/{point.rpartition('/')[0]}",
            [f"{HOST}/{point}/MeterReading", f"{HOST}/LocalTimeParameters/1"],
            '<UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>',
            entry_id,
        ),
    ]
    for number, values in reading_types.items():
        base, kind = f"{HOST}/{point}/MeterReading", f"{HOST}/ReadingType/{point.replace('/', '-')}-{number}"
        parts.append(
            entry(
                f"{base}/{number}",
                base,
                [f"{base}/{number}/IntervalBlock", kind],
                '<MeterReading xmlns="http://naesb.org/espi"/>',
            )
        )
        parts.append(entry(kind, f"{HOST}/ReadingType", [], fields("ReadingType", READING_TYPE | values)))
    return "\n".join(parts)


def feed(*parts, parameters=PACIFIC):
    clock = (
        [entry(f"{HOST}/LocalTimeParameters/1", "", [], fields("LocalTimeParameters", parameters))]
        if parameters
        else []
    )
    return "\n".join(
        ['<?xml version="1.0"?>', '<feed xmlns="http://www.w3.org/2005/Atom">', *clock, *parts, "</feed>", ""]
    )


P1 = "RetailCustomer/5/UsagePoint/1"


def one(readings, separator="\n", parameters=PACIFIC, **values):
    return feed(meter(P1, {"01": values}), block(P1, "01", readings, separator), parameters=parameters)


def test_a_feed_gives_reads_in_utc_with_line_numbers(read):
    text = one([reading(1293868800, 458), reading(1293869700, -3, quality=8)])
    result = read(text)
    assert (result.format_code, result.time_zone, result.clock_code, result.label_code) == (
        "espi",
        "America/Los_Angeles",
        "utc",
        "start",
    )
    row = result.reads.row(1, named=True)
    assert (row["meter_id"], row["channel_code"], row["reported_wh"], row["reported_text"]) == (
        P1,
        "delivered",
        -3,
        None,
    )
    assert (str(row["interval_start_utc"]), row["source_label"]) == ("2011-01-01 08:15:00", "1293869700")
    assert (row["interval_minutes"], row["nominal_minutes"], row["source_quality_code"]) == (15, 15, "8")
    assert row["row_number"] == 1 + text[: text.index("1293869700")].count("\n")


def test_several_usage_points_channels_and_any_order(read):
    second = "RetailCustomer/5/UsagePoint/2"
    parts = [
        block(P1, "02", [reading(0, 7)]),
        block(second, "01", [reading(0, 5)]),
        block(P1, "01", [reading(0, 3)]),
        meter(second, {"01": {"powerOfTenMultiplier": "3"}}),
        meter(P1, {"01": {}, "02": {"flowDirection": "19", "powerOfTenMultiplier": "-1"}}),
    ]
    result = read(feed(*parts))
    assert result.rejects.is_empty()
    assert result.reads.select("meter_id", "channel_code", "reported_wh", "reported_text").rows() == [
        (P1, "delivered", 3, None),
        (P1, "received", 1, "7"),
        (second, "delivered", 5000, None),
    ]
    with pytest.raises(UnreadableFile, match="2 meters"):
        read(feed(*parts), meter_id="X")


def test_prefixed_names_and_readings_on_one_line(read):
    text = one([reading(0, 1), reading(900, 2)], separator="")
    result = read(text)
    assert result.reads.select("row_number", "value_position").n_unique() == 2
    assert result.reads["value_position"].to_list() == [0, 1]
    prefixed = text.replace('xmlns="http://naesb.org/espi"', 'xmlns:e="http://naesb.org/espi"')
    for tag in ("IntervalBlock", "IntervalReading", "timePeriod", "duration", "start", "value"):
        prefixed = prefixed.replace(f"<{tag}", f"<e:{tag}").replace(f"</{tag}", f"</e:{tag}")
    for tag in (
        "UsagePoint",
        "MeterReading",
        "ReadingType",
        "LocalTimeParameters",
        "ServiceCategory",
        "kind",
        *READING_TYPE,
        *PACIFIC,
    ):
        prefixed = prefixed.replace(f"<{tag}", f"<e:{tag}").replace(f"</{tag}", f"</e:{tag}")
    assert read(prefixed).reads.equals(result.reads)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"commodity": "7"}, "commodity 7"),
        ({"flowDirection": "4"}, "flow direction 4"),
        ({"accumulationBehaviour": "3"}, "accumulation behaviour 3"),
        ({"powerOfTenMultiplier": "many"}, "multiplier"),
    ],
)
def test_other_quantities_are_refused(read, values, words):
    result = read(one([reading(0, 1)], **values))
    assert result.reads.is_empty()
    assert words in result.rejects["reason"][0]


def test_other_electric_quantities_are_auxiliary_reads(read):
    result = read(one([reading(0, 1)], uom="73", powerOfTenMultiplier="3", flowDirection="4"))
    assert result.reads.is_empty()
    assert result.auxiliary_reads.select("unit_code", "stream_code", "reported_text").row(0) == (
        "10^3 varh",
        "uom 73 flow 4",
        "1",
    )


@pytest.mark.parametrize(
    ("start", "value", "duration", "words"),
    [
        (0, "abc", 900, 'value "abc" is not a number'),
        ("noon", 1, 900, 'start "noon"'),
        (0, 1, "long", 'duration "long"'),
        (0, 1, 1200, "20 minutes"),
        (0, 1, 901, "whole number of minutes"),
        (10**18, 1, 900, "seconds since 1970"),
        (30, 1, 900, "whole minute"),
        (0, 10**19, 900, "too large"),
    ],
)
def test_bad_readings_are_refused_with_their_line(read, start, value, duration, words):
    text = one([reading(0, 1), reading(start, value, duration)])
    result = read(text)
    assert (result.reads.height, result.sent_count) == (1, 2)
    assert words in result.rejects["reason"][0]
    assert str(value) in result.rejects["row_text"][0]
    assert result.rejects["row_number"][0] == result.reads["row_number"][0] + 1


def test_blank_value_is_a_missing_read_and_length_comes_from_the_reading_type(read):
    bare = "<IntervalReading><timePeriod><start>0</start></timePeriod><value/></IntervalReading>"
    row = read(one([bare])).reads.row(0, named=True)
    assert (row["reported_wh"], row["interval_minutes"]) == (None, 15)


def test_daily_durations(read):
    result = read(one([reading(0, 1, 82800), reading(82800, 1, 90000), reading(172800, 1, 86400)]))
    assert result.reads["interval_minutes"].to_list() == [1380, 1500, 1440]
    assert set(result.reads["nominal_minutes"]) == {1440}


@pytest.mark.parametrize(
    ("changed", "zone"),
    [
        ({}, "America/Los_Angeles"),
        ({"tzOffset": "-18000"}, "America/New_York"),
        ({"tzOffset": "-25200"}, "America/Denver"),
        ({"tzOffset": "-21600"}, "America/Chicago"),
        ({"tzOffset": "-25200", "dstStartRule": "00000000", "dstEndRule": "00000000"}, "Etc/GMT+7"),
        ({"tzOffset": "3600", "dstOffset": "0"}, "Etc/GMT-1"),
        ({"tzOffset": "0", "dstOffset": "0"}, "Etc/UTC"),
    ],
)
def test_time_zones(read, changed, zone):
    text = one([reading(0, 1)], parameters=PACIFIC | changed)
    assert read(text).time_zone == zone
    assert read(text, time_zone="Asia/Tokyo").time_zone == "Asia/Tokyo"


def test_unknown_time_zones(read):
    with pytest.raises(UnreadableFile, match="give --time-zone"):
        read(one([reading(0, 1)], parameters=PACIFIC | {"tzOffset": "3600", "dstStartRule": "BE0E2000"}))
    assert read(one([reading(0, 1)], parameters=None), default_time_zone="Europe/Paris").time_zone == "Europe/Paris"


def test_meter_without_a_resource_path_is_named_by_its_uuid(read):
    text = one([reading(0, 1)]).replace(f"{HOST}/", "/v1/")
    assert read(text).reads["meter_id"][0] == "urn:uuid:1"


def test_lines_past_65535_are_exact(read):
    text = one([reading(0, 1), reading(900, 2)], separator="\n" * 70_000)
    assert read(text).reads["row_number"].to_list()[1] == 1 + text[: text.index("<start>900")].count("\n")


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.8, 0.9, 0.99])
def test_truncated_files_are_refused_with_the_line(read, share):
    text = one([reading(900 * k, k).replace("><", ">\n<") for k in range(50)])
    cut = text[: int(len(text) * share)]
    with pytest.raises(UnreadableFile, match=rf"line {cut.count(chr(10)) + 1}: XML ends .*; the file is truncated"):
        read(cut)


def test_truncation_names_the_open_element(read):
    text = one([reading(0, 1)]).partition("<timePeriod>")[0]
    with pytest.raises(UnreadableFile, match=r"XML ends inside <IntervalReading>; the file is truncated"):
        read(text)


def test_entities_are_refused_before_they_expand(read):
    entities = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY l0 "lol">{entities}]>'
        + one([reading(0, "&l9;")]).partition("?>")[2]
    )
    with pytest.raises(UnreadableFile, match="document types and entities are refused"):
        read(text)
    with pytest.raises(UnreadableFile, match="refused"):
        read('<!DOCTYPE feed SYSTEM "file:///etc/hostname"><feed xmlns="http://www.w3.org/2005/Atom"/>')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html></html>", "web page"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "no interval readings"),
        ("<a></b>", "line 1: the XML is malformed"),
        ("<<<", "line 1"),
        ("<!-- only -->", "line 1"),
        ('<feed xmlns="http://www.w3.org/2005/Atom">\n<a>\n</b>\n</feed>', "line 3: the XML is malformed"),
    ],
)
def test_other_xml_is_refused(read, text, words):
    with pytest.raises(UnreadableFile, match=words):
        read(text)


def test_a_zone_that_is_given_against_the_file_is_told(read):
    result = read(one([reading(1293868800, 458)]), time_zone="America/New_York")
    assert result.time_zone == "America/New_York"
    (finding,) = result.findings
    assert finding.code == "zone_unlike_file"
    assert "states the zone America/Los_Angeles and --time-zone names America/New_York" in finding.text
    assert read(one([reading(1293868800, 458)]), time_zone="America/Los_Angeles").findings == ()
    odd = {**PACIFIC, "tzOffset": "-28801"}
    result = read(one([reading(1293868800, 458)], parameters=odd), time_zone="America/New_York")
    assert "names no known time zone; --time-zone America/New_York holds" in result.findings[0].text
