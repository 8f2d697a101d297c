"""The checkpoints of a run, whole or not at all, and the beginnings that runs have in common."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glissando.schedule import Schedule
from glissando.studies.runs.run import Run
from glissando.studies.runs.storage import sync
from glissando.text.files import write_whole

MOST_BREAKS = 8
"""At how many of a schedule's breaks a checkpoint is kept for others."""

BLOCK = 1_000_000


class Checkpoint(NamedTuple):
    """A checkpoint.

    Attributes:
        step: how many updates led to it.
        state: the folder that the training wrote.
        run: the folder of the run that it is of.
    """

    step: int
    state: Path
    run: Path


class Checkpoints:
    """The checkpoints of a run in a study's folder.

    Args:
        root: the study's folder.
        run: the run.
        share: whether other runs may begin from them, and this one from others'.
    """

    def __init__(self, root: Path, run: Run, *, share: bool) -> None:
        self.run = run
        self.home = root / "runs" / run.key
        self.folder = self.home / "checkpoints"
        self.index = root / "beginnings" / str(run.seed)
        rates = run.schedule if isinstance(run.schedule, Schedule) and share else None
        self.rates = rates
        breaks = islice(rates.breaks(), MOST_BREAKS) if rates else ()
        self.kept = frozenset(step for step in breaks if 0 < step < run.steps)

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint of the run itself."""
        steps = _steps(self.folder)
        if not steps:
            return None
        return Checkpoint(steps[-1], self.folder / str(steps[-1]), self.home)

    def wanted(self, step: int) -> bool:
        """Return whether others can begin from a checkpoint at a step, and have none there."""
        return step in self.kept and self._offered(step, self._digests([step])[step]) is None

    def write(self, step: int, save: Callable[[Path], Any]) -> None:
        """Write a checkpoint, and remove those before it that no other run can begin from."""
        part = self._part()
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        save(part)
        sync(part)
        target = self.folder / str(step)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
        self.clean(but=step)
        if step in self.kept:
            self._offer(step)

    def drop_part(self) -> None:
        """Remove what was written of a checkpoint that did not become whole."""
        shutil.rmtree(self._part(), ignore_errors=True)

    def _part(self) -> Path:
        return self.folder / f".part-{os.getpid()}"

    def clean(self, but: int | None = None) -> None:
        """Remove the checkpoints that nobody will begin from."""
        for path in self.folder.glob("*"):
            if not path.name.isdigit() or int(path.name) not in self.kept | {but}:
                shutil.rmtree(path, ignore_errors=True)

    def forget(self) -> None:
        """Remove all checkpoints of the run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def beginning(self) -> Checkpoint | None:
        """Return the latest checkpoint of another run whose rates until there are this one's."""
        if self.rates is None:
            return None
        steps = [step for step in _steps(self.index) if step < self.run.steps]
        for step, digest in reversed(self._digests(steps).items()):
            if found := self._offered(step, digest):
                return found
        return None

    def _offered(self, step: int, digest: str) -> Checkpoint | None:
        try:
            key = (self.index / str(step) / digest).read_text()
        except FileNotFoundError:
            return None
        home = self.home.parent / key
        state = home / "checkpoints" / str(step)
        return Checkpoint(step, state, home) if state.is_dir() else None

    def _offer(self, step: int) -> None:
        place = self.index / str(step)
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / self._digests([step])[step], self.run.key.encode())

    def _digests(self, steps: Iterable[int]) -> dict[int, str]:
        """Return digests of the rates before each of a few growing steps, exactly as they are."""
        assert self.rates is not None
        digest, begin, found = hashlib.sha256(), 0, {}
        for step in steps:
            for first in range(begin, step, BLOCK):
                rates: Any = self.rates(np.arange(first, min(first + BLOCK, step)))
                digest.update(rates.tobytes())
            begin = step
            found[step] = digest.hexdigest()[:16]
        return found


def _steps(folder: Path) -> list[int]:
    """Return the steps that the folders in a folder are called by, the first one first."""
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
