"""Rows from TensorBoard's event files: the scalars of a step."""

from collections.abc import Iterator
from pathlib import Path

from glissando.logs.source import Row, Source

PATTERN = "*tfevents*"
"""The names of event files; a run that is resumed begins another."""


def files_in(folder: Path) -> list[Path]:
    """Return the event files right in a folder, in the order in which they were begun."""
    return sorted(path for path in folder.glob(PATTERN) if path.is_file())


def rows(source: Source) -> Iterator[Row]:
    """Yield a row for each event with scalars: its `step`, and its tags."""
    try:
        from glissando.logs.scalars import scalars_of
    except ModuleNotFoundError as error:
        raise ImportError(
            f'{source.path}: an event file needs TensorBoard: pip install "glissando[tensorboard]"'
        ) from error
    for path in files_in(source.path) if source.path.is_dir() else [source.path]:
        yield from scalars_of(source, path)
