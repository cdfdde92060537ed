"""Answers of `meterhouse rates check`: what a file of rates says, what is refused, what is only to be known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.documents import DocumentError
from models.rates.urdb import Finding, read_record
from models.rates.urdb.summary import charges_of
from models.tariffs import History, Tariff, TariffBook, Version, tariffs_from
from models.tariffs.book import SHARED_FILES
from models.tariffs.summary import charges_of_prices
from models.tariffs.versions import ILLUSTRATIVE
from pipelines.rates.tariff_file import TariffFileError, read_json
from pipelines.text import aligned_table, printable

_OWN_FILES = (".yml", ".yaml")
_MOST_NAME = 120


@dataclass(frozen=True)
class FileReport:
    """What was found in a file.

    Attributes:
        file: Its name.
        kind: What it is.
        name: What it calls itself.
        contents: Charges or versions, a row each.
        refused: Why it is not used, or an empty tuple.
        warnings: What is only to be known.
    """

    file: str
    kind: str
    name: str
    contents: tuple[Mapping[str, object], ...]
    refused: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "file": self.file,
            "kind": self.kind,
            "name": self.name,
            "contents": list(self.contents),
            "refused": [vars(finding) for finding in self.refused],
            "warnings": [vars(finding) for finding in self.warnings],
        }

    def text(self, width: int | None) -> str:
        """The report for people."""
        parts = [f"{self.file}: {self.kind}" + (f", {printable(self.name, _MOST_NAME)}" if self.name else "")]
        if self.contents:
            parts.append(aligned_table(self.contents, width))
        parts += [f"refused ({finding.code}): {printable(finding.detail, 400)}" for finding in self.refused]
        parts += [f"to know ({finding.code}): {printable(finding.detail, 400)}" for finding in self.warnings]
        return "\n".join([*parts, "" if self.refused else "nothing is refused"]).rstrip("\n")


def check_file(path: Path) -> FileReport:
    """Look at a file of rates.

    Args:
        path: A URDB record as JSON, or a file of tariff data as in data/reference/tariffs, which is held against the
            other files there.

    Raises:
        TariffFileError: A JSON file that is no JSON.
        OSError: It cannot be read.
    """
    return _own_file(path) if path.suffix.lower() in _OWN_FILES else _urdb_file(path)


def _urdb_file(path: Path) -> FileReport:
    reading = read_record(read_json(path))
    contents = tuple(charges_of(reading.tariff)) if reading.tariff else ()
    return FileReport(path.name, "tariff of URDB's form", reading.title, contents, reading.refusals, reading.notices)


def _own_file(path: Path) -> FileReport:
    from pipelines.documents import document_of
    from pipelines.offers import tariff_documents

    kind = "tariff data shared by all rates" if path.name in SHARED_FILES else "rate schedule"
    if not path.is_file():
        path.stat()
        raise TariffFileError(f"{path} is not a file")
    try:
        documents = tariff_documents() | {path.name: document_of(path)}
        book = tariffs_from(documents)
    except DocumentError as error:
        refused = tuple(Finding("mistake", mistake) for mistake in error.mistakes)
        return FileReport(path.name, kind, "", (), refused, ())
    tariff = book.tariffs.get(path.stem) if path.name not in SHARED_FILES else None
    name = f"{tariff.rate_code}: {tariff.rate_name}" if tariff else ""
    contents = tuple(_of_tariff(tariff)) if tariff else tuple(_of_shared(book, path.name))
    illustrative = ", ".join(str(row["from"]) for row in contents if row.get("status") == ILLUSTRATIVE)
    warnings = (Finding("illustrative", f"not sourced: {illustrative}"),) if illustrative else ()
    return FileReport(path.name, kind, name, contents, (), warnings)


def _of_tariff(tariff: Tariff) -> Iterator[dict[str, object]]:
    for version in tariff.history.versions:
        yield _version(version) | {"charges": charges_of_prices(version.content)}


def _of_shared(book: TariffBook, file: str) -> Iterator[dict[str, object]]:
    if file == "calendar.yml":
        rules = len(book.calendar.holiday_rules)
        months = ", ".join(map(str, book.calendar.summer_months))
        yield {"from": "always", "status": book.calendar.status, "charges": f"summer {months}; {rules} holidays"}
    elif file == "discounts.yml":
        for history in book.discounts.values():
            yield from _versions(history)
    elif file == "baseline.yml":
        yield from _versions(book.baseline)
    elif file == "net_metering.yml":
        yield from _versions(book.net_metering)
    else:
        yield from _versions(book.surcharges)


def _versions(history: History[Any]) -> Iterator[dict[str, object]]:
    for version in history.versions:
        yield {"of": history.name} | _version(version)


def _version(version: Version[Any]) -> dict[str, object]:
    return {
        "from": str(version.effective_date),
        "status": version.status,
        "figures of": str(version.prices_date),
    }
