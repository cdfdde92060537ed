"""Files that are wrong in whatever way: one sentence, an exit code, no traceback, no wrong bill."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import few_examples
from tests.rates.urdb.loads import starts
from tests.rates.urdb.records import record
from tests.rates.urdb.verbs import load_text, rates, written

_HEAD = "interval_start_local,kwh\n"
_ROW = "2024-06-01 00:00,1\n"

LOADS: list[tuple[bytes | str, str]] = [
    ("", "is empty"),
    ("\n\n", "is empty"),
    (_HEAD, "has no intervals"),
    (_HEAD + "\n\n", "has no intervals"),
    (_HEAD + _ROW, "a single start"),
    ("time,value\n1,2\n", "line 1 must name kwh and interval_start_local"),
    ("interval_start_local;kwh\n2024-06-01 00:00;1\n", "line 1 must name"),
    ("kwh,kwh,interval_start_local\n", "keep kwh and one start"),
    ("kwh,interval_start_utc,interval_start_local\n1,a,b\n", "keep kwh and one start"),
    (_HEAD + _ROW + "\n2024-06-01 01:00,nan\n", 'line 4: kwh "nan"'),
    (_HEAD + _ROW + "2024-06-01 01:00,inf\n", 'line 3: kwh "inf"'),
    (_HEAD + _ROW + "2024-06-01 01:00,1e400\n", "line 3: kwh"),
    (_HEAD + _ROW + "2024-06-01 01:00,1e10\n", "line 3: kwh"),
    (_HEAD + _ROW + "2024-06-01 01:00,0x10\n", "line 3: kwh"),
    (_HEAD + _ROW + "2024-06-01 01:00,1_000\n", "line 3: kwh"),
    (_HEAD + _ROW + "2024-06-01 01:00,\n", "line 3: kwh is empty"),
    (_HEAD + _ROW + "2024-06-01 01:00\n", "line 3"),
    (_HEAD + _ROW + "2024-06-01 01:00,0,5\n", "line 3 has 3 columns, and line 1 has 2"),
    (_HEAD + _ROW + '2024-06-01 01:00,"1\n', "h.csv"),
    (_HEAD + _ROW + "2024-06-01 01:00,\x1b[31m1\n", 'line 3: kwh "?[31m1"'),
    (_HEAD + _ROW + ",1\n", "line 3: interval_start_local is empty"),
    (_HEAD + _ROW + "2024-06-01T01:00Z,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "2024-06-01 01:00+02:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "6/1/2024 1:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "2024-02-30 01:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "2024-06-01 24:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "2024-06-01 01:00:30,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "9999-12-31 23:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "0000-01-01 00:00,1\n", "line 3: interval_start_local"),
    (_HEAD + _ROW + "2024-06-01 00:05,1\n", "5 minutes apart"),
    (_HEAD + "2024-06-01 00:07,1\n2024-06-01 00:22,1\n", "00:07 is not on a mark of 15 minutes"),
    (_HEAD + _ROW + _ROW + "2024-06-01 01:00,1\n", "2024-06-01 00:00 stands twice"),
    (_HEAD + _ROW + "2024-06-01 01:00,1\n2024-06-01 04:00,1\n", "2024-06-01 02:00 is missing"),
    (b"interval_start_local,kwh\n\xff\xfe", "is not UTF-8 text"),
    ("interval_start_local,kwh\n".encode("utf-16"), "is not UTF-8 text"),
    (b"PK\x03\x04\x00\x00", "line 1 must name"),
]


def _is_one_sentence(text: str) -> bool:
    return text.startswith("meterhouse: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize(("content", "part"), LOADS)
def test_a_wrong_load_gets_one_sentence(tmp_path: Path, content: bytes | str, part: str) -> None:
    result = rates("price", written(tmp_path, record()), written(tmp_path, content, "h.csv"))
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert _is_one_sentence(result.stderr)
    assert part in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + _HEAD + _ROW + "2024-06-01 01:00,2\n",
        (_HEAD + _ROW + "2024-06-01 01:00,2\n").replace("\n", "\r\n") + "\r\n\r\n",
        _HEAD + "2024-06-01 01:00,2\n" + _ROW,
        'KWH , Interval_Start_Local,meter\n"1","2024-06-01T00:00:00",a\n 2 ,2024-06-01 01:00:00.000,b',
        _HEAD + "\n" + _ROW + "\n2024-06-01 01:00,2.00000000000000000000000000001e0\n\n",
    ],
)
def test_dialects_of_the_same_load_have_the_same_bill(tmp_path: Path, text: str) -> None:
    result = rates("price", written(tmp_path, record()), written(tmp_path, text, "h.csv"), "--json")
    assert result.exit_code == 0, result.stderr
    bills = json.loads(result.stdout)["bills"]
    assert [(bill["kwh"], bill["energy_usd"]) for bill in bills] == [(3.0, pytest.approx(0.3))]


_SPRING = ["01:00", "03:00", "04:00"]
_AUTUMN = ["00:00", "01:00", "01:00", "02:00"]


@pytest.mark.parametrize(
    ("day", "hours", "part"),
    [
        ("2024-03-10", _SPRING, None),
        ("2024-11-03", _AUTUMN, None),
        ("2024-11-03", ["01:00", "02:00", "03:00"], None),  # from the second hour 1 on
        ("2024-11-03", ["00:00", "01:00"], None),
        ("2024-03-10", ["01:00", "02:00", "03:00"], "2024-03-10 02:00 does not exist in America/Los_Angeles"),
        ("2024-03-10", ["02:00", "03:00"], "2024-03-10 02:00 does not exist in America/Los_Angeles"),
        ("2024-11-03", ["00:00", "01:00", "02:00"], "2024-11-03 01:00 is missing in America/Los_Angeles"),
        ("2024-11-03", ["00:00", "01:00", "01:00", "01:00", "02:00"], "stands twice, though"),
        ("2024-06-01", ["00:00", "01:00", "01:00", "02:00"], "2024-06-01 01:00 stands twice, though"),
        ("2024-06-01", ["00:00", "01:00", "03:00"], "2024-06-01 02:00 is missing in America/Los_Angeles"),
    ],
)
def test_with_a_zone_hours_repeat_and_lack_where_its_clock_is_changed(
    tmp_path: Path, day: str, hours: list[str], part: str | None
) -> None:
    load = written(tmp_path, _HEAD + "".join(f"{day} {hour},1\n" for hour in hours), "h.csv")
    result = rates("price", written(tmp_path, record()), load, "--time-zone", "America/Los_Angeles", "--json")
    assert result.exit_code == (1 if part else 0), result.stderr
    if part is None:
        assert json.loads(result.stdout)["bills"][0]["kwh"] == len(hours)
    else:
        assert part in result.stderr


def test_an_hour_that_repeats_or_lacks_is_refused_without_a_zone(tmp_path: Path) -> None:
    for day, hours in (("2024-03-10", _SPRING), ("2024-11-03", _AUTUMN)):
        load = written(tmp_path, _HEAD + "".join(f"{day} {hour},1\n" for hour in hours), "h.csv")
        result = rates("price", written(tmp_path, record()), load)
        assert result.exit_code == 1
        assert "--time-zone" in result.stderr


TARIFFS: list[tuple[bytes | str, str]] = [
    ("", "line 1 is no JSON"),
    ('{"energyratestructure": [[{"rate": 0.1}]', "is no JSON"),
    ('{\n"a": 1,\n"b": x}', "line 3 is no JSON"),
    ('{"energyratestructure": [[{"rate": NaN}]]}', "NaN is not a number"),
    ('{"energyratestructure": [[{"rate": -Infinity}]]}', "-Infinity is not a number"),
    ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
    ("[" * 100_000, "levels deep"),
    ("[" * 40 + "]" * 40, "levels deep"),
    ('{"a": ' + "9" * 5000 + "}", "is no JSON"),
    (b"\xff\xfe\x00", "is not UTF-8 text"),
    (b"\x00" * 100, "is no JSON"),
    (" " * (16 * 2**20 + 1), "is larger than 16 MiB"),
]


@pytest.mark.parametrize(("content", "part"), TARIFFS)
def test_a_file_that_is_no_json_gets_one_sentence(tmp_path: Path, content: bytes | str, part: str) -> None:
    tariff, load = written(tmp_path, content), written(tmp_path, _HEAD + _ROW, "load.csv")
    for result in (rates("price", tariff, load), rates("check", tariff)):
        assert result.exit_code == 1, result.output
        assert _is_one_sentence(result.stderr)
        assert part in result.stderr


@pytest.mark.parametrize("verb", ["price", "check"])
def test_a_file_that_is_not_there_or_a_folder_gets_one_sentence(tmp_path: Path, verb: str) -> None:
    load = [written(tmp_path, _HEAD + _ROW, "load.csv")] if verb == "price" else []
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "none.yml"):
        result = rates(verb, path, *load)
        assert result.exit_code in (1, 3), result.output
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = [
    "energyratestructure", "energyweekdayschedule", "energyweekendschedule", "flatdemandstructure", "flatdemandmonths",
    "demandratestructure", "demandweekdayschedule", "fixedchargefirstmeter", "fixedchargeunits", "mincharge", "dgrules",
    "minchargeunits", "demandunits", "x_holiday_dates", "lookbackpercent", "fueladjustmentsmonthly", "items",
]  # fmt: skip


@few_examples(60)
@given(changes=st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=8), _values, min_size=1, max_size=3))
def test_any_value_in_any_field_is_priced_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, object]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    load = written(folder, load_text(starts("2024-06-01", 48, 60), np.ones(48)), "load.csv")
    tariff = written(folder, record(**changes))
    result = rates("price", tariff, load, "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit), changes
    assert result.exit_code in (0, 3)
    assert (json.loads(result.stdout)["refused"] is None) == (result.exit_code == 0)
    assert rates("check", tariff).exit_code in (0, 3)
