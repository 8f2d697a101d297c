"""What the scripts of this folder share: the schedule, the log, checkpoints in one piece.

Each of the other scripts trains 60 updates with one framework: `python SCRIPT FOLDER`. It may be
killed at any moment and run again, and goes on from the checkpoint in FOLDER. `test_kills.py`
finds it, kills it, and reads its log. It does in this order: import everything; `ready()`; load the
checkpoint if there is one; for each update left `log(k, rate)` and `pause()`, and every few updates
a checkpoint, after the log.

A script is not named like what it imports, since its own folder comes first on the path: it is
`torch_run.py`, not `torch.py`.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import glissando as gl

UPDATES = 60
SCHEDULE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)


def folder() -> Path:
    return Path(sys.argv[1])


def ready() -> None:
    """Say that the imports are done and training begins."""
    print("ready", flush=True)


def log(k: int, rate: float) -> None:
    """Append the rate that update `k` used, seen by a weight's move: exactly that number."""
    with (folder() / "log").open("a") as file:
        file.write(f"{k} {float(rate)!r}\n")


def pause() -> None:
    """Take as long as a batch does, so that a kill can come between any two things."""
    time.sleep(0.01)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield where to write a file; when that is done it takes the place of `path` at once."""
    part = path.with_name(f"part-{path.name}")  # its suffix may tell the format
    yield part
    os.replace(part, path)


def save_atomic(path: Path, data: bytes) -> None:
    """Write a file in one piece."""
    with whole(path) as part:
        part.write_bytes(data)
