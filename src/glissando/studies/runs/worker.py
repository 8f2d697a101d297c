"""One run in a worker process: from its last checkpoint to its result, whatever the training does.

The folder is all that workers and driver share: each writes its own results, and an exclusive lock
on the folder of a run keeps two of them from making it at the same time.
"""

import math
import os
import platform
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from glissando.errors import shown
from glissando.rules import plain_number
from glissando.studies.resources import Resources
from glissando.studies.runs.attempts import Attempt, last_attempt, spent
from glissando.studies.runs.checkpoints import Checkpoint, Checkpoints
from glissando.studies.runs.output import printing_to
from glissando.studies.runs.reporter import Reporter
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.storage import kept_in, unwritable
from glissando.studies.runs.store import Store

Train = Callable[..., Any]

NOT_THE_USERS = (
    "<frozen ",
    str(Path(__file__).parents[1]) + os.sep,
    *{sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")},
)
"""How the names of files begin that are Python's, installed, or ours."""


def perform(root: Path, run: Run, train: Train, resources: Resources) -> Outcome:
    """Make a run, unless that was done, and keep what came of it; one that failed is made again.

    Raises:
        StorageError: it cannot be kept.
    """
    store = Store(root)
    home = store.of(run)
    with kept_in(home):
        home.mkdir(exist_ok=True)
        with _alone(home / "lock"):
            done = store.outcome(run)
            if done and not done.failed:
                return done
            return store.save(run, _made(root, run, train, resources))


def give_up(store: Store, run: Run, error: str) -> Outcome:
    """Keep that a run failed, whose process was ended; return what came of it if it was done.

    Raises:
        StorageError: it cannot be kept.
    """
    home = store.of(run)
    with kept_in(home):
        home.mkdir(exist_ok=True)  # it may have been ended before it began
        done = store.outcome(run)
        if done and not done.failed:
            return done
        attempt = last_attempt(home) or Attempt(number=1, at=0)
        updates, seconds = spent(home)
        outcome = Outcome(
            loss=None,
            error=error,
            updates=updates,
            seconds=seconds,
            began_at=attempt.began_at,
            began_from=attempt.began_from,
            attempts=attempt.number,
            machine=_machine(),
        )
        Checkpoints(store.folder, run, share=True).clean()
        return store.save(run, outcome)


def _made(root: Path, run: Run, train: Train, resources: Resources) -> Outcome:
    """Make a run from its last checkpoint; from its start, if there is none that can be used."""
    checkpoints = Checkpoints(root, run, share=resources.share)
    begin = checkpoints.last() or checkpoints.beginning()
    with printing_to(checkpoints.home / "output.txt"):
        outcome, reporter = _tried(run, train, checkpoints, begin, resources)
        if begin and outcome.failed and reporter.step == begin.step:
            print(f"The checkpoint at step {begin.step} cannot be gone on from: begun anew")
            checkpoints.forget()
            outcome, _ = _tried(run, train, checkpoints, None, resources)
    checkpoints.clean()
    return outcome


def _tried(
    run: Run,
    train: Train,
    checkpoints: Checkpoints,
    begin: Checkpoint | None,
    resources: Resources,
) -> tuple[Outcome, Reporter]:
    reporter = Reporter(run, checkpoints, begin, resources.checkpoint_every)
    loss, error = None, None
    try:
        loss, error = _checked(
            train(run.schedule, run.seed, begin.state if begin else None, reporter)
        )
        if loss is not None and math.isfinite(loss) and reporter.too_short:
            loss, error = None, reporter.too_short
    except BaseException as raised:  # whatever it is, the others go on
        with suppress(OSError):  # the disk is full, which is found next
            traceback.print_exc()
        error = _in_a_line(raised)
        reporter.broken = reporter.broken or unwritable(checkpoints.home)
    reporter.close(complete=loss is not None and math.isfinite(loss))
    if reporter.broken:
        raise reporter.broken
    attempt = reporter.attempt
    return Outcome(
        loss,
        error,
        updates=reporter.updates,
        seconds=reporter.seconds,
        began_at=attempt.began_at,
        began_from=attempt.began_from,
        attempts=attempt.number,
        machine=_machine(),
    ), reporter


def _checked(loss: Any) -> tuple[float | None, str | None]:
    """Return the loss that a training function returned, or why it is none."""
    number = plain_number(loss)
    if number is not None:
        return (float(number) if math.isfinite(number) else math.inf), None
    try:
        if math.isnan(float(loss)):
            return math.inf, None
    except Exception:  # it may be anything
        pass
    return None, f"it must return the last loss, a number, got {shown(loss)}"


def _machine() -> str:
    """Return the name of this machine."""
    return f"{platform.node()}, {platform.system()} {platform.machine()}"


def _in_a_line(raised: BaseException) -> str:
    """Return what was raised, and where in the user's code."""
    frames = traceback.extract_tb(raised.__traceback__)
    own = [f for f in frames if not f.filename.startswith(NOT_THE_USERS)] or list(frames)
    last = own[-1]
    try:
        message = " ".join(str(raised).split())[:500]
    except Exception:  # of an error of the user's
        message = "its message cannot be shown"
    return f"{type(raised).__name__}: {message} (in {last.name}, line {last.lineno})"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel lets go when the process ends, however it ends.

    It is one of the process: children that a training leaves behind do not hold it.
    """
    with path.open("a") as file:
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield
