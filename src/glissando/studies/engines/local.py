"""Runs in processes on this machine: one executor a process, so that one that dies harms no other.

An executor of loky starts its process anew in a clean interpreter: a script needs no
`if __name__ == "__main__"`, and functions of a notebook can be trained.
"""

import multiprocessing
import os
import re
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, NamedTuple

from glissando.errors import ScheduleError
from glissando.studies.engines.base import packed
from glissando.studies.engines.deaths import MOST_DEATHS, Deaths
from glissando.studies.engines.gpus import gpus_of, visible_gpus
from glissando.studies.engines.process import LOOK, begin_process, interrupts_kept_off, perform_here
from glissando.studies.resources import Resources, cores
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Store
from glissando.studies.runs.worker import give_up

if TYPE_CHECKING:
    from typing_extensions import Self

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip
"""What libraries read how many threads they may start."""

START = 60.0
"""How many seconds a process may take to begin a run: it imports a framework."""

GROWTH = 1e9
"""By how many bytes a process may grow over its runs before another takes its place."""


class Busy(NamedTuple):
    """A run under way.

    Attributes:
        run: the run.
        slot: the process that makes it.
        since: when it was given to it.
        seen: when it had last reported before that.
    """

    run: Run
    slot: "Slot"
    since: float
    seen: float


class LocalEngine:
    """Runs in processes on this machine.

    Args:
        store: where results are kept.
        train: the training function.
        resources: how many processes, and what each may use.

    Raises:
        ScheduleError: a package is missing, or the function cannot be sent to a process.
    """

    def __init__(self, store: Store, train: Callable[..., Any], resources: Resources) -> None:
        self.store = store
        self.resources = resources
        self.train = packed(train)
        self.gpus = visible_gpus() if resources.gpus else []
        self.slots = resources.jobs or self._room()
        self.all = [Slot(number, self) for number in range(self.slots)]
        self.free = self.all[::-1]
        self.busy: dict[Future[Any], Busy] = {}

    def _room(self) -> int:
        """Return how many runs there are cores and GPUs for."""
        room = len(cores()) // self.resources.threads
        if each := self.resources.gpus:
            room = min(
                room, int(len(self.gpus) / each) if each < 1 else len(self.gpus) // int(each)
            )
        return max(1, room)

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        for slot in self.all:
            slot.end()

    def perform(self, runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """Make runs, and yield each with what came of it when it is done.

        Raises:
            OSError: results cannot be kept.
            ScheduleError: a new process cannot load the training function.
        """
        waiting, deaths = deque(runs), Deaths(self.store.folder)
        while waiting or self.busy:
            while waiting and self.free:
                run, slot = waiting.popleft(), self.free.pop()
                self.busy[slot.begin(run)] = Busy(run, slot, time.time(), self._reported(run))
            for future in wait(self.busy, LOOK, FIRST_COMPLETED).done:
                run, slot, *_ = self.busy.pop(future)
                self.free.append(slot)
                try:
                    yield run, future.result()
                except (OSError, ScheduleError) as error:
                    raise error from None  # what the process was doing says nothing more
                except BrokenProcessPool as error:  # the process died
                    slot.end()
                    if deaths.are_too_many(run):
                        yield run, give_up(self.store, run, _death(error))
                    else:
                        waiting.appendleft(run)
            yield from self._hanging()

    def _hanging(self) -> Iterator[tuple[Run, Outcome]]:
        """End the runs that have not reported for too long."""
        limit = self.resources.timeout
        if limit is None:
            return
        for future, busy in list(self.busy.items()):
            if self._silent(busy) > limit and not future.done():
                del self.busy[future]
                busy.slot.end()
                self.free.append(busy.slot)
                error = f"it hung: no report for {limit:g} s, the timeout"
                yield busy.run, give_up(self.store, busy.run, error)

    def _silent(self, busy: Busy) -> float:
        """Return for how many seconds a run has not reported."""
        last = self._reported(busy.run)
        return time.time() - (busy.since + START if last == busy.seen else last)

    def _reported(self, run: Run) -> float:
        """Return when a run began or reported, as its log says; 0 if it never did."""
        log = self.store.of(run) / "steps.jsonl"
        return log.stat().st_mtime if log.exists() else 0.0


class Slot:
    """A process that makes runs one after another; it starts with the first."""

    def __init__(self, number: int, engine: LocalEngine) -> None:
        self.number = number
        self.engine = engine
        self.executor: Any = None
        self.environment = {
            **dict.fromkeys(THREADS, str(engine.resources.threads)),
            **gpus_of(number, engine.resources.gpus, engine.gpus, engine.slots),
            "LOKY_MAX_MEMORY_LEAK_SIZE": str(GROWTH),
        }

    def begin(self, run: Run) -> "Future[Any]":
        """Begin a run."""
        try:
            return self._given(run)
        except BrokenProcessPool:  # the process was killed while it had nothing to do
            self.end()
            return self._given(run)

    def _given(self, run: Run) -> "Future[Any]":
        if self.executor is None:
            self.executor = self._started()
        engine = self.engine
        with interrupts_kept_off():  # a process begins with the first run
            future: Future[Any] = self.executor.submit(
                perform_here, engine.store.folder, run, engine.resources
            )
        return future

    def end(self) -> None:
        """End the process at once."""
        if self.executor is not None:
            self.executor.shutdown(wait=True, kill_workers=True)
            self.executor = None

    def _started(self) -> Any:
        try:
            from loky import ProcessPoolExecutor
        except ImportError as error:
            raise ScheduleError('a study needs loky: pip install "glissando[study]"') from error
        warnings.filterwarnings("ignore", "A worker was restarted", UserWarning)  # see GROWTH
        threads = self.engine.resources.threads
        full = self.engine.slots * threads >= len(cores())
        method = multiprocessing.get_start_method(allow_none=True)
        mine = [cores()[(self.number * threads + i) % len(cores())] for i in range(threads)]
        return ProcessPoolExecutor(
            max_workers=1,
            env=self.environment,
            initializer=begin_process,
            initargs=(self.engine.train, os.getpid(), method, mine if full else None),
        )


def _death(error: Exception) -> str:
    """Return how a process died."""
    found = re.search(r"\{(.+)\}", str(error))
    how = found[1] if found else str(error).splitlines()[0]
    return f"its process was ended {MOST_DEATHS} times: {how}"
