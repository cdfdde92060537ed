"""What the published marts rest on, so that a run without news ends at once.

Marts are a function of the lake, the reference data and the code. All three are known by the names, sizes and times of
change of their files.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from pipelines.feeds import FEED_FILE
from pipelines.home import REFERENCE, REPOSITORY, Home

_CODE = (
    *(REPOSITORY / name for name in ("models", "pipelines", "pyproject.toml", "uv.lock")),
    *(REPOSITORY / "dbt_project" / name for name in ("models", "macros", "tests", "dbt_project.yml", "profiles.yml")),
)
_RAW, _BUILT = ("raw", "vault"), ("entities", "vee", "analytics")


def inputs(home: Home) -> str:
    """Digest of what a run starts from: raw files, settings of feeds, reference data, code, and where the home lies."""
    feeds = sorted(home.landing.glob(f"*/{FEED_FILE}"))
    return _digest([home.root], [*(home.lake / layer for layer in _RAW), *feeds, REFERENCE, *_CODE])


def keep(home: Home, inputs_before: str) -> None:
    """Remember that all of a home's data are published.

    Args:
        home: Home folder, held by the run that published.
        inputs_before: `inputs` before that run read them: what has come since is news.
    """
    path = _path(home)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps([inputs_before, _products(home)]), encoding="utf-8")
    temporary.replace(path)


def is_standing(home: Home) -> bool:
    """Whether all data of a home are published: neither they nor what was made of them has changed since."""
    path = _path(home)
    return path.exists() and json.loads(path.read_text(encoding="utf-8")) == [inputs(home), _products(home)]


def _products(home: Home) -> str:
    generation = home.current.resolve()
    published = [path for path in (home.marts, *generation.glob("*.*")) if path.is_file()]
    return _digest([generation], [*(home.lake / layer for layer in _BUILT), *published])


def _path(home: Home) -> Path:
    return home.warehouse / ".standing.json"


def _digest(names: Iterable[Path], places: Iterable[Path]) -> str:
    known = hashlib.sha256(json.dumps([str(name) for name in names]).encode())
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            # Hidden files are a step's own notes; bytecode is made by whoever imports first.
            if path.name.startswith(".") or path.suffix == ".pyc" or not path.is_file():
                continue
            found = path.stat()
            known.update(json.dumps([str(path), found.st_size, found.st_mtime_ns]).encode())
    return known.hexdigest()
