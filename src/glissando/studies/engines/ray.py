"""Runs on a Ray cluster, for whose machines the study's folder is on storage that all share."""

import os
import pickle
import re
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glissando.errors import ScheduleError
from glissando.studies.engines.base import packed
from glissando.studies.engines.cluster import GOODBYE_LIMIT, Begin
from glissando.studies.engines.deaths import MOST_DEATHS, Deaths
from glissando.studies.engines.local import THREADS
from glissando.studies.engines.remote import TOKEN, Place
from glissando.studies.resources import Resources
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.storage import StorageError
from glissando.studies.runs.store import Store
from glissando.studies.runs.worker import give_up
from glissando.text.files import write_whole

if TYPE_CHECKING:
    from typing_extensions import Self

WAITING = 2
"""How many runs wait in the cluster for the next room, so that none stays empty."""

PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from glissando.studies.engines.cluster import main; main()"
)


class RayEngine:
    """Runs on a Ray cluster.

    Args:
        store: where results are kept.
        train: the training function.
        resources: the cluster's address, and what each run may use.

    Raises:
        ScheduleError: a package is missing, the function cannot be sent to other machines, or Ray
            has no such resources.
    """

    def __init__(self, store: Store, train: Callable[..., Any], resources: Resources) -> None:
        if find_spec("ray") is None:
            raise ScheduleError('study: `address` needs Ray: pip install "glissando[ray]"')
        gpus = resources.gpus
        if gpus > 1 and gpus != int(gpus):
            raise ScheduleError(
                f"study: `gpus` must be a part of one GPU or a number of whole ones, got {gpus:g}"
            )
        self.store = store
        self.resources = resources
        self.train = packed(train)
        self.busy: dict[str, Run] = {}
        self.room = 0

    @property
    def slots(self) -> int:
        """How many runs are made at once."""
        return min(self.room, self.resources.jobs or self.room)

    def __enter__(self) -> "Self":
        begin = Begin(
            str(self.resources.address),
            _place(self.store.folder),
            self.train,
            self.resources,
            dict.fromkeys(THREADS, str(self.resources.threads)),
        )
        self.log = tempfile.TemporaryFile()  # it is closed at the end
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            start_new_session=True,  # Ctrl-C is for the study, which ends it
        )
        try:
            self._say(begin)
            self._hear()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self.log, self.process as process:
            assert process.stdin
            with suppress(BrokenPipeError):
                process.stdin.close()
            try:
                process.wait(2 * GOODBYE_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()

    def perform(self, runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """Make runs, and yield each with what came of it when it is done.

        Raises:
            OSError: results cannot be kept.
            ScheduleError: the cluster is gone, or one of its machines cannot make runs.
        """
        waiting, deaths = deque(runs), Deaths(self.store.folder)
        while waiting or self.busy:
            while waiting and len(self.busy) < self._most():
                run = waiting.popleft()
                self.busy[run.key] = run
                self._say((run.key, pickle.dumps(run)))
            found = self._hear()
            if found is None:
                continue
            key, end, what = found
            run = self.busy.pop(key)
            if end == "done":
                yield run, what
            elif end == "hung":
                error = f"it hung: no report for {self.resources.timeout:g} s, the timeout"
                yield run, give_up(self.store, run, error)
            elif end == "died" and deaths.are_too_many(run):
                error = f"its process was ended {MOST_DEATHS} times: {what}"
                yield run, give_up(self.store, run, error)
            else:  # its process or its machine was lost
                waiting.appendleft(run)

    def _most(self) -> int:
        """Return how many runs the cluster is given at once."""
        return self.resources.jobs or self.room + WAITING

    def _say(self, message: Any) -> None:
        assert self.process.stdin
        try:
            pickle.dump(message, self.process.stdin)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._gone() from None

    def _hear(self) -> tuple[str, str, Any] | None:
        """Return what came of a run; None for other news."""
        assert self.process.stdout
        try:
            kind, *what = pickle.load(self.process.stdout)
        except EOFError:
            raise self._gone() from None
        if kind == "stop":
            raise ScheduleError(what[0])
        if kind == "slots":
            self._count(what[0])
            return None
        key, end, found = what
        if end == "stop":
            raise ScheduleError(found)
        if end == "storage":
            raise StorageError(*found)
        return key, end, found

    def _count(self, room: int) -> None:
        self.room = room
        if not room:
            asked = self.resources
            memory = f", {asked.memory:g} bytes of memory" if asked.memory else ""
            warnings.warn(
                f"study: no machine of the cluster has room for a run, which takes {asked.threads} "
                f"CPU, {asked.gpus:g} GPU{memory}; the study waits for one",
                stacklevel=2,
            )

    def _gone(self) -> ScheduleError:
        """Return the error of a cluster that has ended the process that was connected to it."""
        self.process.wait()
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "it says nothing")
        why = re.sub(r"^\[.*?\] \S+: ", "", last)[:200].split(". ")[0]
        return ScheduleError(
            f"study: the connection to the Ray cluster at {self.resources.address!r} was lost "
            f"({why}); each finished run is kept: when the cluster is there again, the same "
            "command goes on"
        )


def _place(folder: Path) -> Place:
    """Return where the study is."""
    path = folder / TOKEN
    if not path.exists():
        write_whole(path, os.urandom(8).hex().encode())
    installed = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
    own = [os.path.abspath(each) for each in sys.path if not each.startswith(installed)]
    return Place(str(folder.resolve()), path.read_text(), os.getcwd(), tuple(own))
