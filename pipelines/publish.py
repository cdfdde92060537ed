"""Publishing: a new generation of the marts, complete before anyone sees it.

A generation holds `marts.duckdb`, a Parquet file per table and hard links to the lake files that its views read. It is
built in a hidden folder, synced to disk, renamed, and only then named by the link `warehouse/current`. A reader opens
one whole generation and is neither blocked nor blocking. The two newest generations stay.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.home import Home
from pipelines.lake import literal, quoted

MANIFEST = "manifest.json"
MARTS_FILE = "marts.duckdb"
KEPT_GENERATIONS = 2
GENERATION = "{generation}"
PRIVATE_VIEW = re.compile(r"\b(intermediate|staging)\.(\w+)")
"""A view of a layer that is not published."""
LAKE_GLOB = re.compile(r"'(lake/[^']*\*\.parquet)'")


def publish(home: Home) -> Path:
    """Publish the private build as the next generation.

    Returns:
        The generation's folder.

    Raises:
        RuntimeError: The build does not say which build it is.
    """
    home.generations.mkdir(parents=True, exist_ok=True)
    for leftover in home.generations.glob(".*"):
        shutil.rmtree(leftover)
    with duckdb.connect(str(home.build_database), read_only=True) as build:
        row = build.execute("select build_id from marts.meta_build").fetchone()
        views = _view_templates(build)
    if row is None:
        raise RuntimeError("marts.meta_build is empty; run `meterhouse run` again")
    number = (last_generation(home) or 0) + 1
    target = home.generations / str(number)
    staged = home.generations / f".{number}"
    staged.mkdir()
    patterns = {pattern for view in views.values() for pattern in LAKE_GLOB.findall(view.replace(f"{GENERATION}/", ""))}
    for pattern in patterns:
        _link(home.root, pattern, staged)
    (staged / MANIFEST).write_text(json.dumps({"build_id": row[0], "views": views}, indent=2), encoding="utf-8")
    _write_marts(home, staged)
    staged.rename(target)
    relocate(target)
    _describe(home, target)
    _sync(target)
    _sync_folder(home.generations)
    _point(home.current, Path("generations") / target.name)
    _point(home.marts, Path("current") / MARTS_FILE)
    _sync_folder(home.warehouse)
    _prune(home)
    return target


def last_generation(home: Home) -> int | None:
    """Number of the newest generation, or None."""
    return max(_numbers(home), default=None)


def relocate(generation: Path) -> list[str]:
    """Make a generation's views read the files beside it, wherever it lies now.

    Args:
        generation: Folder that holds marts.duckdb; it may be a copy anywhere.

    Returns:
        Names of the views that were rewritten.

    Raises:
        FileNotFoundError: The folder is not a generation.
    """
    for name in (MARTS_FILE, MANIFEST):
        if not (generation / name).exists():
            raise FileNotFoundError(f"{generation} is not a published generation: it holds no {name}")
    views = json.loads((generation / MANIFEST).read_text(encoding="utf-8"))["views"]
    marts = (generation / MARTS_FILE).resolve()
    folder = quoted(literal(marts.parent))
    with duckdb.connect(str(marts)) as con:
        for name, template in views.items():
            con.execute(f"create or replace view {name} as {template.replace(GENERATION, folder)}")
    return list(views)


def _view_templates(build: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Select statement of each mart that is a view, down to the lake files, with a placeholder for their folder."""
    statements = {
        (schema, name): str(sql).split(" AS ", 1)[1].rstrip(";")
        for schema, name, sql in build.execute(
            "select schema_name, view_name, sql from duckdb_views() where not internal"
        ).fetchall()
    }
    templates = {}
    for (schema, name), statement in statements.items():
        if schema != "marts":
            continue
        template = re.sub(r"\bmarts\.(\w+)", r"\1", _inlined(statement, statements))
        templates[name] = LAKE_GLOB.sub(rf"'{GENERATION}/\1'", template)
    return templates


def _inlined(statement: str, statements: Mapping[tuple[str, str], str]) -> str:
    """A statement with the views of private layers in place of their names."""
    return PRIVATE_VIEW.sub(lambda found: f"({_inlined(statements[found[1], found[2]], statements)})", statement)


def _link(root: Path, pattern: str, staged: Path) -> None:
    for source in sorted(root.glob(pattern)):
        link = staged / source.relative_to(root)
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, link)


def _write_marts(home: Home, staged: Path) -> None:
    with duckdb.connect(str(staged / MARTS_FILE)) as con:
        con.execute(f"attach '{quoted(home.build_database)}' as build (read_only)")
        names = con.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'build' and schema_name = 'marts' order by all"
        ).fetchall()
        for (name,) in names:
            con.execute(f"create table {name} as select * from build.marts.{name} order by all")
            con.execute(
                f"copy {name} to '{quoted(staged / f'{name}.parquet')}' "
                "(format parquet, compression zstd, parquet_version v2)"
            )
        con.execute("detach build")
        con.execute("checkpoint")


def _describe(home: Home, generation: Path) -> None:
    """Copy the comments that dbt wrote onto tables, views and columns."""
    with duckdb.connect(str(home.build_database), read_only=True) as build:
        tables = build.execute(
            "select 'table', table_name, null, comment from duckdb_tables() where schema_name = 'marts' "
            "union all select 'view', view_name, null, comment from duckdb_views() where schema_name = 'marts' "
            "union all select 'column', table_name, column_name, comment from duckdb_columns() "
            "where schema_name = 'marts'"
        ).fetchall()
    with duckdb.connect(str(generation / MARTS_FILE)) as con:
        con.begin()  # hundreds of comments: a transaction for each takes a second
        for kind, table, column, comment in tables:
            if comment is not None:
                target = f"{table}.{column}" if column else table
                con.execute(f"comment on {kind} {target} is '{str(comment).replace(chr(39), chr(39) * 2)}'")
        con.commit()


def _point(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def _prune(home: Home) -> None:
    for number in sorted(_numbers(home))[:-KEPT_GENERATIONS]:
        shutil.rmtree(home.generations / str(number))


def _numbers(home: Home) -> list[int]:
    return [int(path.name) for path in home.generations.glob("*") if path.name.isdigit()]


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and "lake" not in path.relative_to(folder).parts[:1]:
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        elif path.is_dir():
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
