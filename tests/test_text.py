"""Tables for people."""

from decimal import Decimal

from pipelines.text import aligned_table, counted, markdown_table


def test_numbers_stand_to_the_right_and_unknown_is_empty() -> None:
    table = aligned_table([{"meter": "A", "reads": 1234}, {"meter": "Beta", "reads": 5}])
    assert table.splitlines() == ["meter  reads", "─────  ─────", "A      1,234", "Beta       5"]
    assert aligned_table([{"meter": None, "kwh": Decimal("0.120")}]).splitlines()[-1] == "       0.120"
    assert aligned_table([]) == "(no rows)"


def test_a_long_last_column_is_wrapped_to_the_terminal() -> None:
    table = aligned_table([{"name": "x", "text": "word " * 20}], width=50)
    assert all(len(line) <= 50 for line in table.splitlines())
    assert table.splitlines()[3].startswith("      word")
    assert len(aligned_table([{"name": "x", "text": "word " * 20}]).splitlines()) == 3


def test_markdown() -> None:
    assert markdown_table(["a", "b"], [(1, None)]) == "| a | b |\n|---|---|\n| 1 |  |"


def test_one_takes_no_plural() -> None:
    assert [counted(n, "meter event") for n in (0, 1, 1200)] == [
        "0 meter events",
        "1 meter event",
        "1,200 meter events",
    ]


def test_a_column_of_numbers_with_blanks_stays_to_the_right() -> None:
    rows = [{"name": "a", "wh": 1200}, {"name": "b", "wh": None}, {"name": "c", "wh": 7}]
    assert aligned_table(rows).splitlines() == ["name     wh", "────  ─────", "a     1,200", "b", "c         7"]


def test_a_column_without_any_value_is_no_number() -> None:
    assert aligned_table([{"longer name": None, "b": "x"}]).splitlines()[-1] == "             x"
