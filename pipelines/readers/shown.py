"""How much of a file's text is quoted to people."""

from typing import TypeVar

import polars as pl

_Text = TypeVar("_Text", pl.Expr, pl.Series)
_SHOWN_CHARACTERS = 60
_REASON_CHARACTERS = 400
_UNPRINTABLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"


def shown(text: _Text) -> _Text:
    """The beginning of a text, to be quoted in a reason; blank for null."""
    return text.str.slice(0, _SHOWN_CHARACTERS).fill_null("")


def as_reason(text: pl.Expr) -> pl.Expr:
    """A reason as one line of bounded length, whatever it quotes."""
    return text.str.slice(0, _REASON_CHARACTERS).str.replace_all(_UNPRINTABLE, "?")
