"""What the attempts at a run have taken: a line for each in the run's folder."""

import json
import os
from pathlib import Path
from typing import NamedTuple

TAIL = 4096
"""In how many bytes at the end of a log its last line is looked for."""


class Attempt(NamedTuple):
    """An attempt at a run.

    Attributes:
        number: which it is, from 1.
        at: the step that it went on from.
        updates: how many updates the attempts before it had made.
        seconds: how long those took.
        began_at: the step of another run's checkpoint that all of it began from; 0 for none.
        began_from: the key of that run; None for none.
    """

    number: int
    at: int
    updates: int = 0
    seconds: float = 0.0
    began_at: int = 0
    began_from: str | None = None


def begin_attempt(home: Path, at: int, source: str | None) -> Attempt:
    """Note that a run is begun or gone on with; what was spent before is read from its log.

    Args:
        home: the run's folder, whose log is still that of the attempt before.
        at: the step of the checkpoint that it goes on from; 0 for none.
        source: the key of the run that the checkpoint is of; None for none.
    """
    before = last_attempt(home)
    number = before.number + 1 if before else 1
    if before and source == home.name:
        began = before.began_at, before.began_from
    else:
        began = (at, source) if source else (0, None)
    attempt = Attempt(number, at, *spent(home), *began)
    with (home / "attempts.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(attempt._asdict()) + "\n")
    return attempt


def last_attempt(home: Path) -> Attempt | None:
    """Return the last attempt at a run; None if there was none."""
    line = _last_line(home / "attempts.jsonl")
    return Attempt(**json.loads(line)) if line else None


def spent(home: Path) -> tuple[int, float]:
    """Return how many updates all attempts made until now, and how long they took.

    It is as the log says, which lags a second behind where a process was killed.
    """
    attempt, log = last_attempt(home), home / "steps.jsonl"
    if attempt is None:
        return 0, 0.0
    line = _last_line(log)
    step = json.loads(line)[0] if line else 0
    begun = (home / "attempts.jsonl").stat().st_mtime  # both are the clock of the storage
    seconds = log.stat().st_mtime - begun if log.exists() else 0.0
    return attempt.updates + max(0, step - attempt.at), attempt.seconds + max(0.0, seconds)


def _last_line(path: Path) -> bytes:
    """Return the last whole line of a file; nothing if there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return b""
    return lines[-2] if len(lines) > 1 else b""
