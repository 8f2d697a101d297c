"""The file of a log while it is read: its lines, how far it is, and what could not be read."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from glissando.errors import ScheduleError

Row = dict[str, str]
"""A row of a log: by the names of its columns the numbers as they are written; none is empty."""

EMPTY = frozenset(("", "NA", "N/A", "None", "null"))
"""What stands for no number; NaN is a number that went wrong."""

LONGEST = 2**24
"""The longest line, in bytes: what is longer is no row."""

LONG = 2**23
"""The size of a file, in bytes, from which its reading shows a progress bar."""


class Source:
    """A log that is being read.

    Args:
        path: the file, or the folder of event files.
        file: the open file; a reader may open the path by itself instead.
        advance: takes how many bytes were read.
    """

    def __init__(self, path: Path, file: BinaryIO, advance: Callable[[int], Any]) -> None:
        self.path = path
        self.file = file
        self.advance = advance
        self.facts: Row = {}
        """What the file says of the run as a whole."""
        self.ended = True
        """Whether the last line has an end: what is being written may have none."""
        self.left_out = 0
        """How much could not be read, and is in no row."""
        self.notes: list[str] = []
        """What the first of that was."""

    def lines(self) -> Iterator[str]:
        """Yield the lines, with their ends, one at a time."""
        for count in itertools.count(1):
            line = self.file.readline(LONGEST)
            if not line:
                return
            if len(line) == LONGEST:
                raise ScheduleError(f"line {count} must be shorter than 16 MiB, got more")
            self.advance(len(line))
            self.ended = line.endswith(b"\n")
            # bytes that are no text end up in a cell that is no number, if anywhere
            yield line.decode("utf-8", "replace").removeprefix("\ufeff")

    def text(self) -> str:
        """Return the whole of it, of a format that cannot be read in parts."""
        content = self.file.read()
        self.advance(len(content))
        return content.decode("utf-8", "replace").removeprefix("\ufeff")

    def leave_out(self, where: str, why: str) -> None:
        """Note what could not be read."""
        self.left_out += 1
        if len(self.notes) < 3:
            self.notes.append(f"{where} {why}")


@contextmanager
def opened(path: Path, files: list[Path]) -> Iterator[Source]:
    """Open a log; a bar on standard error shows how far it is read, if it is long.

    Args:
        path: what the user gave.
        files: the files that it stands for, of which the first is opened.
    """
    size = sum(file.stat().st_size for file in files)
    with files[0].open("rb") as file, _bar(size, path) as advance:
        yield Source(path, file, advance)


@contextmanager
def _bar(size: int, path: Path) -> Iterator[Callable[[int], Any]]:
    if size < LONG or not find_spec("tqdm"):  # it comes with the extras
        yield lambda count: None
        return
    from tqdm import tqdm

    bars: list[Any] = []

    def advance(count: int) -> None:
        if not bars:  # None: shown on a terminal only
            bar = tqdm(total=size, desc=path.name, unit="B", unit_scale=True, disable=None)
            bars.append(bar)
        bars[0].update(count)

    try:
        yield advance
    finally:
        for bar in bars:
            bar.close()
