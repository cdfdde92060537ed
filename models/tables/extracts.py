"""Raw tables of the extracts, rendered from their contracts: one table per extract, without personal columns."""

from copy import copy
from typing import cast

import dataframely as dy

from models.columns import count
from models.extracts import SENDERS, Extract
from models.extracts.current import subject
from models.tables.base import Table


def raw_table(extract: Extract) -> Table:
    """The raw table of an extract: where each row came from, then the contract's columns that are not personal."""
    columns: dict[str, object] = {
        "__doc__": f"Rows of {extract.name} as the {extract.system_code} sent them.",
        **_provenance(),
    }
    personal = extract.personal_columns
    columns |= {name: copy(column) for name, column in extract.columns.items() if name not in personal}
    return _table("raw", extract, columns)


def vault_table(extract: Extract) -> Table | None:
    """The vault's table of an extract, personal columns under the row's key; None for an extract without any."""
    if not extract.personal_columns:
        return None
    columns: dict[str, object] = {
        "__doc__": f"Personal columns of {extract.name} as the {extract.system_code} sent them.",
        **_provenance(),
    }
    kept = (*subject(extract), "changed_at_utc", *extract.personal_columns)
    columns |= {name: copy(extract.columns[name]) for name in kept}
    return _table("vault", extract, columns)


def _provenance() -> dict[str, object]:
    return {
        "file_id": dy.String(primary_key=True, description="Landing file that the row came in."),
        "row_number": dy.Int64(primary_key=True, min=1, description="Line of the file, counted from 1."),
    }


def _table(layer: str, extract: Extract, columns: dict[str, object]) -> Table:
    schema = cast(type[dy.Schema], type(extract.raw_name, (dy.Schema,), columns))
    return Table(layer, extract.raw_name, f"{extract.grain}, as the {extract.system_code} sent it", schema)


class FileExtracts(dy.Schema):
    """What a landing file of an outside system says about each of its tables."""

    file_id = dy.String(primary_key=True, description="Landing file.")
    extract_name = dy.String(primary_key=True, description="Table as named in the file.")
    sent_count = count("Rows of the table in the file.")
    loaded_count = count("Of these, rows taken into raw.")
    quarantined_count = count("Of these, rows set aside with a reason.")
    extra_columns = dy.String(
        nullable=True, description="Columns that the contract does not know and that were not read, with commas."
    )
    missing_columns = dy.String(
        nullable=True, description="Columns of the contract that the file lacks, with commas; its rows are set aside."
    )


RAW_EXTRACTS: dict[str, Table] = {
    extract.raw_name: raw_table(extract) for system in SENDERS for extract in system.extracts
}
"""Raw table of every extract by its raw name, `css_accounts` for example."""

VAULT_EXTRACTS: dict[str, Table] = {
    extract.raw_name: table
    for system in SENDERS
    for extract in system.extracts
    if (table := vault_table(extract)) is not None
}
"""Vault table of every extract with personal columns by its raw name; no layer of the warehouse reads them."""

FILE_EXTRACTS = Table("raw", "file_extracts", "one row per landing file of an outside system and table", FileExtracts)
