"""Reads the YAML documents of the reference data, and of files that people hand over."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from models.documents import DocumentError, Node
from pipelines.home import REFERENCE


class _Loader(yaml.SafeLoader):
    """YAML in which no mapping has a key twice; a date that does not exist stays the text that it is."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
        return super().construct_mapping(node, deep)


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def document(name: str) -> Node:
    """The document of a single file."""
    return Node(name, "", document_of(REFERENCE / name), [])


def documents(folder: str) -> dict[str, object]:
    """The documents of a folder by file name."""
    read, found = {}, list[str]()
    for path in sorted((REFERENCE / folder).glob("*.yml")):
        try:
            read[path.name] = document_of(path)
        except DocumentError as error:
            found += error.mistakes
    if found:
        raise DocumentError(found)
    return read


def document_of(path: Path) -> object:
    """The parsed document of a YAML file.

    Raises:
        DocumentError: With one sentence, where it is missing or no YAML.
    """
    try:
        document: object = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError([f"{path.name} cannot be read as YAML: {error.problem}, in line {line}"]) from None
    except RecursionError:
        raise DocumentError([f"{path.name} cannot be read as YAML: it is nested too deep"]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError([f"{path.name} cannot be read as YAML: {' '.join(str(error).split())}"]) from None
    except FileNotFoundError:
        raise DocumentError([f"{path.name} is missing in {path.parent}"]) from None
    return document
