"""Asking for explanations as the command does, by words."""

from typing import Any

from pipelines.explain.explanation import Explanation
from pipelines.explain.registry import explain
from pipelines.explain.text import as_text
from pipelines.home import Home


def ask(home: Home, table: str, *words: object) -> Explanation:
    """An explanation that can be told both ways."""
    explanation = explain(home, table, [str(word) for word in words])
    assert as_text(explanation, None)
    return explanation


def rows(explanation: Explanation, code: str) -> list[dict[str, Any]]:
    """Rows of a section; none where there is no such section."""
    found: list[dict[str, Any]] = explanation.document().get(code, [])
    return found


def is_exact(explanation: Explanation) -> bool:
    """Whether the number computed once more is the published one."""
    assert explanation.recomputed.is_equal is not None, explanation.recomputed.sentence
    assert explanation.recomputed.is_equal == (explanation.recomputed.value == explanation.value)
    return explanation.recomputed.is_equal
