"""Configurations that name others, which they change: read where those are files beside them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from glissando.convert.document import Document
from glissando.convert.opened import open_document
from glissando.errors import ScheduleError, shown

DEEPEST = 10
"""How many files may name one another."""

NEVER = ("", True)
"""No part stands alone."""


def with_bases(
    reader: str,
    document: Document,
    key: str,
    depth: int = 0,
    alone: tuple[str, bool] = NEVER,
    data: Callable[[Document, dict[str, Any]], Mapping[str, Any]] = lambda own, _: own.data,
) -> dict[str, Any]:
    """Return the keys of a configuration and of those that it names, its own above theirs.

    Args:
        reader: whose configuration it is, for messages.
        document: the configuration.
        key: the key that names the others, by paths from the file's folder.
        depth: how many files have led to this one.
        alone: the key, and its value, by which a part says that nothing of others is in it.
        data: returns a file's own keys, given those of the others that it names.
    """
    named = document.data.get(key)
    names = named if isinstance(named, list | tuple) else [named] if named else []
    whole: dict[str, Any] = {}
    for name in names:
        path = _beside(reader, document.path, key, name)
        if depth == DEEPEST:
            raise ScheduleError(f"{reader}: `{key}` may lead to {DEEPEST} files, got more")
        whole = merged(whole, with_bases(reader, open_document(path), key, depth + 1, alone, data))
    own = dict(data(document, whole))
    own.pop(key, None)
    return merged(whole, own, alone)


def _beside(reader: str, file: Path, key: str, name: object) -> Path:
    path = file.parent / name if isinstance(name, str) and "://" not in name else None
    if path is None or not path.is_file():
        raise ScheduleError(
            f"{reader}: `{key}` names {shown(name)}, which is no file beside this one; read the "
            "whole configuration that the framework writes into the folder of its run"
        )
    return path


def merged(
    base: Mapping[str, Any], own: Mapping[str, Any], alone: tuple[str, bool] = NEVER
) -> dict[str, Any]:
    """Return the keys of both, `own` above `base`, and those of their parts likewise."""
    return _merged(base, own, alone, {})


def _merged(
    base: Mapping[str, Any],
    own: Mapping[str, Any],
    alone: tuple[str, bool],
    made: dict[tuple[int, int], dict[str, Any]],
) -> dict[str, Any]:
    """Return the keys of both; parts that are there several times are merged once."""
    pair, (key, truth) = (id(base), id(own)), alone
    if pair in made:
        return made[pair]
    whole = made[pair] = dict(base)
    for name, value in own.items():
        old = whole.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and value.get(key) is not truth:
            value = _merged(old, value, alone, made)
        if isinstance(value, dict) and key in value:
            value = {k: v for k, v in value.items() if k != key}
        whole[name] = value
    return whole
