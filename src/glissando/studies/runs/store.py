"""The folder of a study: every run in a folder of its own, so that nothing trained is ever lost."""

import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.studies.runs.run import Outcome, Run
from glissando.text.files import write_whole

VERSION = 1

LONGEST_LINE = 200
"""How many bytes a line of a log has at most."""

TEMPORARY = ".glissando-"
"""How the names of files begin that were being written when a process was killed."""


class Log(NamedTuple):
    """What a run has reported.

    Attributes:
        steps: after how many updates each time.
        losses: the losses then; None where none was reported, infinite where it had diverged.
        rates: the rates that the last update before it used; None on a plateau.
    """

    steps: list[int]
    losses: list[float | None]
    rates: list[float | None]


class Store:
    """The results of a study on disk.

    `study.json` says what is trained. In `runs` each run has a folder, with the run, its result,
    what it reported and what it printed. `beginnings` says which checkpoints others can begin from.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def runs(self) -> Path:
        """Where the runs are."""
        return self.folder / "runs"

    def open(self, task: Mapping[str, Any], *, changed: str = "raise") -> None:
        """Make the folder, or see that it is a study of the same task.

        Args:
            task: what is trained; its `code` is a digest of the training function.
            changed: "raise" to refuse results of other code, "keep" to let them count.

        Raises:
            ScheduleError: the folder has something else in it, or results of other code.
            OSError: it cannot be written to.
        """
        path = self.folder / "study.json"
        others = {each.name for each in self.folder.iterdir()} if self.folder.is_dir() else set()
        if "study.json" in others:
            self._hold_to(path, task, changed)
        elif any(not name.startswith(TEMPORARY) for name in others):
            raise ScheduleError(
                f"study: {self.folder} has other files in it and no study; choose another folder"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        document = {"glissando_study": VERSION, "task": dict(task)}
        content = (json.dumps(document, indent=2) + "\n").encode()
        if "study.json" not in others or path.read_bytes() != content:
            write_whole(path, content)
        self.runs.mkdir(exist_ok=True)

    def _hold_to(self, path: Path, task: Mapping[str, Any], changed: str) -> None:
        try:
            document = json.loads(path.read_text("utf-8"))
            version, before = document["glissando_study"], document["task"]["code"]
        except (ValueError, KeyError, TypeError):
            raise ScheduleError(
                f"study: {path} is not the file of a study; choose another folder"
            ) from None
        if version != VERSION:
            raise ScheduleError(
                f"study: {path} must be of version {VERSION}, got {shown(version)}; choose another "
                "folder"
            )
        if before == task["code"] or changed == "keep":
            return
        if any(self.runs.glob("*/result.json")):
            raise ScheduleError(
                f"study: {self.folder} has results of another version of the training function; "
                'choose another folder, or let them count with changed="keep" (--changed keep)'
            )
        self.drop_checkpoints()  # other code is not to go on from them

    def of(self, run: Run) -> Path:
        """Return the folder of a run."""
        return self.runs / run.key

    def outcome(self, run: Run) -> Outcome | None:
        """Return what came of a run, or None if it is not done."""
        found = _read(self.of(run) / "result.json")
        return found[1] if found else None

    def known(self) -> dict[str, Outcome]:
        """Return what came of all runs that are done, by their keys."""
        found = ((path.name, _read(path / "result.json")) for path in self._folders())
        return {name: each[1] for name, each in found if each}

    def outcomes(self) -> Iterator[tuple[Run, Outcome]]:
        """Yield the runs that are done, and what came of each, in the order of their keys."""
        for path in self._folders():
            if found := _read(path / "result.json"):
                yield Run.from_data(found[0]), found[1]

    def _folders(self) -> list[Path]:
        return sorted(self.runs.iterdir()) if self.runs.is_dir() else []

    def logged(self, run: Run) -> Log:
        """Return what a run has reported by now."""
        path = self.of(run) / "steps.jsonl"
        rows = read_steps(path) if path.exists() else []
        steps, losses, rates = zip(*rows, strict=True) if rows else ((), (), ())
        return Log(list(steps), list(losses), list(rates))

    def reached(self, run: Run) -> int:
        """Return the last step that a run has reported; 0 if there is none."""
        try:
            with (self.of(run) / "steps.jsonl").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_LINE))
                lines = file.read().split(b"\n")
        except OSError:  # it has not begun
            return 0
        return int(json.loads(lines[-2])[0]) if len(lines) > 1 else 0

    def save(self, run: Run, outcome: Outcome) -> Outcome:
        """Keep what came of a run."""
        self.of(run).mkdir(exist_ok=True)  # `runs` itself is not made again where it was removed
        text = json.dumps({"run": run.to_data(), "outcome": outcome.to_data()}, allow_nan=False)
        write_whole(self.of(run) / "result.json", text.encode())
        return outcome

    def drop_checkpoints(self) -> None:
        """Remove all checkpoints: those of runs that are not done begin anew."""
        shutil.rmtree(self.folder / "beginnings", ignore_errors=True)
        for path in self._folders():
            shutil.rmtree(path / "checkpoints", ignore_errors=True)


def read_steps(path: Path) -> list[tuple[int, float | None, float | None]]:
    """Return what a run reported, as its whole lines say: step, loss and rate."""
    text = path.read_text("utf-8")
    whole = text[: text.rfind("\n") + 1]  # the last line may have been under way
    rows = json.loads(f"[{','.join(whole.splitlines())}]")
    return [(step, math.inf if loss == "inf" else loss, rate) for step, loss, rate in rows]


def _read(path: Path) -> tuple[dict[str, Any], Outcome] | None:
    """Return a run's data and what came of it; None if it is not done."""
    try:
        data = json.loads(path.read_bytes())
        return dict(data["run"]), Outcome.from_data(data["outcome"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError):  # a damaged one counts as none: it is made again
        return None
