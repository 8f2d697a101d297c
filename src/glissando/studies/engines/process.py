"""A process of the local engine: what it does before, in and after its runs."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError
from glissando.studies.resources import Resources
from glissando.studies.runs.output import silence
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.worker import perform

LOOK = 0.5
"""After how many seconds the driver looks for runs that hang, and a process for its driver."""

_train: Callable[..., Any] | bytes = b""


def begin_process(
    train: bytes, driver: int, start_method: str | None, cores: Sequence[int] | None
) -> None:
    """Prepare a new process.

    Args:
        train: the training function, packed.
        driver: the process that started this one.
        start_method: how processes that the training starts begin; None for Python's own.
        cores: the cores that it is to keep to; None for any.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the driver, which ends us
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    silence()
    # loky sets its own, which what trainings use does not know, such as PyTorch's loaders of data
    multiprocessing.set_start_method(start_method, force=True)
    threading.Thread(target=_follow, args=(driver,), daemon=True).start()
    if cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)  # JAX sizes its threads by that
    global _train
    _train = train


def perform_here(folder: Path, run: Run, resources: Resources) -> Outcome:
    """Make a run in this process.

    Raises:
        OSError: its result cannot be kept.
        ScheduleError: the training function cannot be loaded.
    """
    return perform(folder, run, _loaded(), resources)


@contextmanager
def interrupts_kept_off() -> Iterator[None]:
    """Keep Ctrl-C from a process that is started in here, before it can ignore it by itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start would let signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _loaded() -> Callable[..., Any]:
    """Return the training function."""
    import pickle

    global _train
    if isinstance(_train, bytes):
        try:
            _train = pickle.loads(_train)  # made by our driver
        except Exception as error:  # importing a module of the user's may raise anything
            raise ScheduleError(
                f"study: `train` cannot be loaded in a new process: {type(error).__name__}: {error}"
            ) from None
    assert callable(_train)
    return _train


def _follow(driver: int) -> None:
    """Do not outlive the driver."""
    while os.getppid() == driver:
        time.sleep(LOOK)
    for child in multiprocessing.active_children():  # such as loaders of data
        child.kill()
    os._exit(1)
