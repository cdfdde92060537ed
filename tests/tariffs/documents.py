"""The shipped documents as plain values, for tests that change them."""

import copy
from functools import cache
from typing import Any

import yaml

from pipelines.home import REFERENCE


def shipped(folder: str) -> dict[str, Any]:
    """Parsed documents of a folder below data/reference by file name; each call makes new ones."""
    return copy.deepcopy(_parsed(folder))


@cache
def _parsed(folder: str) -> dict[str, Any]:
    paths = sorted((REFERENCE / folder).glob("*.yml"))
    assert paths
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


def place(document: Any, *path: str | int) -> Any:
    """The value at a place of a document."""
    for step in path:
        document = document[step]
    return document
