"""XML that attacks its reader: nothing is fetched, nothing expands, and depth and size have bounds.

Billion laughs and an external subset are in the tests of the ESPI reader.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.conftest import Send
from tests.hostile.seeds import entry, espi, feed, reading, resource

Build = Callable[[], str]
SOUND = espi()
HEAD, BODY = SOUND.split("\n", 1)
COUNT = SOUND.count("<IntervalReading>")


def declared(subset: str, value: str = "&e;") -> Build:
    """A sound feed below a document type, with a value that refers to what it declares."""
    return lambda: f"{HEAD}\n<!DOCTYPE feed [{subset}]>\n" + BODY.replace("<value>3<", f"<value>{value}<")


def with_attributes(text: str) -> str:
    return SOUND.replace("<entry>", f"<entry {text}>", 1)


ATTACKS: dict[str, tuple[Build, str]] = {
    "a file": (declared('<!ENTITY e SYSTEM "file:///etc/hostname">'), "document types and entities are refused"),
    "an address": (declared('<!ENTITY e SYSTEM "http://127.0.0.1:9/">'), "document types and entities are refused"),
    "a parameter": (
        declared('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p; %q;'), "document types and entities are refused",
    ),
    "a parameter in quotation marks": (
        declared("<!ENTITY % p '<!ENTITY e \"5\">'> %p;"), "document types and entities are refused",
    ),
    "a default": (
        declared('<!ATTLIST entry a CDATA "&e;"><!ENTITY e "5">', "3"), "document types and entities are refused",
    ),
    "itself": (declared('<!ENTITY e "&e;">'), "document types and entities are refused"),
    "quadratic": (declared(f'<!ENTITY e "{"5" * 50_000}">', "&e;" * 2000), "document types and entities are refused"),
    "a document type alone": (declared("", "3"), "document types and entities are refused"),
    "a public document type": (
        lambda: f'{HEAD}\n<!DOCTYPE feed PUBLIC "-//A//B" "http://127.0.0.1:9/x.dtd">\n{BODY}',
        "document types and entities are refused",
    ),
    "an entity that nobody declares": (lambda: SOUND.replace("<value>3<", "<value>&e;<"), "malformed"),
    "a character that is none": (lambda: SOUND.replace("<value>3<", "<value>&#0;<"), "malformed"),
    "depth": (lambda: SOUND.replace("<entry>", "<a>" * 100_000, 1), "malformed"),
    "depth of readings": (lambda: feed("<IntervalReading>" * 100_000), "malformed"),
    "an attribute of 20 MB": (lambda: with_attributes(f'a="{"x" * 20_000_000}"'), "16 MiB"),
    "a name of 20 MB": (lambda: with_attributes("x" * 20_000_000), "16 MiB"),
    "a text of 20 MB": (lambda: SOUND.replace("<value>3<", f"<value>{'3' * 20_000_000}<"), "Text node too long"),
    "an attribute twice": (lambda: with_attributes('a="1" a="2"'), "malformed"),
    "a prefix that is none": (lambda: with_attributes('b:a="1"').replace("<content>", "<b:content>"), "malformed"),
    "an entry without end": (lambda: SOUND.replace("<entry>", "<entry>" + "<a/>" * 200_000, 1), "100,000 elements"),
    "two documents": (lambda: SOUND + SOUND, "malformed"),
    "text behind the end": (lambda: SOUND + "and more", "malformed"),
    "a tag in a tag": (lambda: SOUND.replace("<value>3<", "<value<value>3<"), "malformed"),
    "a section without end": (lambda: SOUND.replace("<value>3<", "<value><![CDATA[3<"), "line"),
    "a remark without end": (lambda: SOUND.replace("<entry>", "<!-- <entry>", 1), "line"),
    "another schema": (lambda: BODY.replace("http://www.w3.org/2005/Atom", "urn:x"), "is not Green Button ESPI"),
    "a schema of another version": (lambda: SOUND.replace("naesb.org/espi", "naesb.org/espi2"), "no interval readings"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_whole_and_nothing_of_them_is_quoted(send: Send, name: str) -> None:
    build, words = ATTACKS[name]
    found = send(build())
    assert (found.outcome.status_code, found.ledger["sent_count"]) == ("quarantined", None)
    assert found.ledger["reason"].startswith("line ") or "no interval readings" in found.ledger["reason"]
    assert words in found.ledger["reason"], found.ledger["reason"]
    assert Path("/etc/hostname").read_text().strip() not in found.ledger["reason"]


HARMLESS: dict[str, Build] = {
    "instructions": lambda: SOUND.replace("<entry>", '<?xml-stylesheet href="http://127.0.0.1:9/"?><?php ?><entry>'),
    "a place of a schema": lambda: with_attributes(
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    ),
    "an inclusion": lambda: SOUND.replace(
        "<entry>", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/><entry>', 1
    ),
    "a section": lambda: SOUND.replace("<value>3<", "<value><![CDATA[3]]><"),
    "a character by number": lambda: SOUND.replace("<value>3<", "<value>&#51;<"),
    "many attributes": lambda: with_attributes(" ".join(f'a{k}="1"' for k in range(10_000))),
    "many prefixes": lambda: with_attributes(" ".join(f'xmlns:a{k}="urn:{k}"' for k in range(1000))),
    "a remark in a value": lambda: SOUND.replace("<value>3<", "<value><!-- 9 -->3<"),
    "entries of nothing": lambda: SOUND.replace("</feed>", "<entry/>" * 20_000 + "</feed>"),
    "unknown elements": lambda: SOUND.replace("</feed>", "<a>1</a>" * 100_000 + "</feed>"),
    "one line": lambda: HEAD + BODY.replace("\n", ""),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_strange_and_harmless_is_read(send: Send, name: str) -> None:
    found = send(HARMLESS[name]())
    assert (found.outcome.status_code, found.ledger["loaded_count"]) == ("loaded", COUNT)
    assert found.reads["reported_wh"].to_list() == list(range(COUNT))


def test_readings_within_readings_are_refused_one_by_one(send: Send) -> None:
    inner = reading(1762066800, 1, inner=reading(1762066800, 2, inner=reading(1762066800, 3)))
    found = send(feed(inner, extra=entry(resource("IntervalBlock", reading(1762070400, 4)))))
    assert found.ledger["sent_count"] == 4
