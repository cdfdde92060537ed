"""Writes the files that are rendered from the table registry and the dbt project: `make docs`."""

from pathlib import Path
from typing import Any

import yaml

from models.render import GENERATED, column_table, dbt_sources, dictionary_section
from models.tables import TABLES
from pipelines.home import REPOSITORY

SOURCES_FILE = REPOSITORY / "dbt_project" / "models" / "staging" / "_sources.yml"
DICTIONARY_FILE = REPOSITORY / "docs" / "data_dictionary.md"
_MARTS = REPOSITORY / "dbt_project" / "models" / "marts"


def rendered() -> dict[Path, str]:
    """Text of every generated file, by path."""
    return {SOURCES_FILE: _sources(), DICTIONARY_FILE: _dictionary()}


def contracts() -> list[dict[str, Any]]:
    """Declarations of all marts, from the files beside them."""
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_MARTS.glob("_*.yml"))]
    return [model for document in documents for model in document.get("models", [])]


def write() -> None:
    """Write every generated file."""
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")


def _sources() -> str:
    body = yaml.safe_dump(dbt_sources(TABLES), sort_keys=False, width=120, allow_unicode=True)
    return f"# {GENERATED}\n{body}"


def _dictionary() -> str:
    marts = contracts()
    lines = [
        "# Data dictionary",
        "",
        f"<!-- {GENERATED} -->",
        "",
        "Suffixes are units or clocks: `_wh _kwh _kw _usd _degc _minutes _ratio _count`; `_utc` is an instant, `_date` "
        "a local civil date, `_id` a key, `_code` a short code, `is_`/`has_` a boolean. Unknown is null, never 0.",
        "",
        "## Published tables",
        "",
    ]
    for model in sorted(marts, key=lambda m: str(m["name"])):
        grain = model["config"]["meta"]["grain"]
        rows = (
            (
                c["name"],
                c["data_type"],
                _unit(c["description"]),
                "key" if c["name"] in grain else "",
                c["description"],
            )
            for c in model["columns"]
        )
        lines += [f"### {model['name']}", "", str(model["description"]).strip(), "", *column_table(rows), ""]
    lines += ["## Lake tables", "", "Parquet files below `lake/<layer>/<table>/`.", ""]
    lines += [dictionary_section(table) for table in TABLES]
    return "\n".join(lines).rstrip() + "\n"


def _unit(description: str) -> str:
    begin, end = description.rfind("["), description.rfind("]")
    return description[begin + 1 : end] if 0 <= begin < end else ""


if __name__ == "__main__":
    write()
