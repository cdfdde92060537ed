"""Names of files as senders gave them, made fit for tables, messages and folders of our own."""

from pathlib import PurePath

from pipelines.feeds import FEED_FILE
from pipelines.text import printable

_LONGEST_SHOWN = 500
_LONGEST_NAME_BYTES = 180
_LONGEST_SUFFIX_BYTES = 20


def shown_name(name: PurePath | str) -> str:
    """A name for tables and messages: one line of bounded length that is proper text."""
    return printable(str(name), _LONGEST_SHOWN)


def stored_name(name: PurePath | str) -> str:
    """The last part of a name as a file of ours may be called.

    Characters that cannot be shown become question marks, long names are cut before their suffix, so that copies can
    have more words around them, and no file goes by the name of a feed's settings.
    """
    last = PurePath(name).name
    whole = PurePath(printable(last, len(last)))
    if whole.name == FEED_FILE:
        return f"_{FEED_FILE}"
    if len(whole.name.encode()) <= _LONGEST_NAME_BYTES:
        return whole.name
    suffix = _cut(whole.suffix, _LONGEST_SUFFIX_BYTES)
    return _cut(whole.stem, _LONGEST_NAME_BYTES - len(suffix.encode())) + suffix


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")
