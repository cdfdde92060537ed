"""Files of tariffs in URDB's form: JSON, read strictly."""

import json
from pathlib import Path
from typing import Any, NoReturn

LARGEST_BYTES = 16 * 2**20
"""A URDB record has some ten kilobytes."""
_DEEPEST = 20


class TariffFileError(ValueError):
    """A file that holds no JSON document; the message says where and why."""


def read_json(path: Path) -> object:
    """The document of a JSON file.

    Args:
        path: A file in UTF-8, with or without a byte order mark.

    Raises:
        TariffFileError: It is no JSON, or has a key twice, a number that is none, or more than twenty levels.
        OSError: It cannot be read.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise TariffFileError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB, so it is no URDB record")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TariffFileError(f"{path} is not UTF-8 text (byte {error.start}), so it is no JSON") from None
    try:
        document: object = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise TariffFileError(f"{path} line {error.lineno} is no JSON: {error.msg.lower()}") from None
    except RecursionError:
        raise TariffFileError(f"{path} is nested more than {_DEEPEST} levels deep") from None
    except ValueError as error:
        raise TariffFileError(f"{path} is no JSON: {_shortened(str(error))}") from None
    if _is_deep(document):
        raise TariffFileError(f"{path} is nested more than {_DEEPEST} levels deep")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {_shortened(twice)!r} stands twice")
    return document


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _shortened(text: str) -> str:
    return text[:100]


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return bool(level)
