"""A configuration file as data: nothing in it is run, built or unpickled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Document(NamedTuple):
    """A file that may hold a configuration.

    Attributes:
        path: where it is.
        head: its first bytes, by which binary formats are known.
        text: its text; empty if it is none.
        data: what the text holds as YAML, JSON, TOML or Python literals, a tag of YAML kept as a
            mapping with the key "!tag"; an empty mapping if it is no mapping.
        flags: command-line flags in it, such as `--lr 1e-3`, by their names without dashes and
            with `_` for `-`: those of scripts, notebooks and logs of a command line.
    """

    path: Path
    head: bytes
    text: str
    data: Mapping[str, Any]
    flags: Mapping[str, str]
