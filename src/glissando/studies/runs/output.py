"""What a process prints, in C too, goes into a file."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def printing_to(path: Path) -> Iterator[None]:
    """Let all that the process prints go to the end of a file, line by line."""
    streams, numbers = (sys.stdout, sys.stderr), (1, 2)
    _flush(streams)
    kept = [os.dup(number) for number in numbers]
    try:
        with path.open("ab") as file:
            for number in numbers:
                os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (_stream(number) for number in numbers)
        yield
    finally:
        try:
            _flush((*streams, sys.stdout, sys.stderr))
        finally:
            sys.stdout, sys.stderr = streams
            for number, copy in zip(numbers, kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


def silence() -> None:
    """Let the process read nothing and print nowhere."""
    with open(os.devnull, "r+b", buffering=0) as nowhere:
        for number in (0, 1, 2):
            os.dup2(nowhere.fileno(), number)


def _stream(number: int) -> io.TextIOWrapper:
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


def _flush(streams: tuple[object, ...]) -> None:
    for stream in streams:
        with suppress(AttributeError, ValueError):  # it is none, or was closed
            stream.flush()  # type: ignore[attr-defined]
