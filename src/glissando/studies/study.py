"""The public function: a training function and schedules in, the one that trains it best out."""

import platform
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from glissando.errors import ScheduleError, one_of, shown, suggestion
from glissando.rules import STEPS
from glissando.studies.conduct import Study
from glissando.studies.fingerprint import fingerprint
from glissando.studies.report.results import StudyResult
from glissando.studies.resources import Resources
from glissando.studies.rungs.decide import expected
from glissando.studies.runs.store import Store
from glissando.studies.settings import (
    BASELINES,
    RUNGS_BY_DEFAULT,
    Settings,
    candidates_of,
    peaks_around,
)


def study(
    train: Callable[..., float],
    schedules: Mapping[str, Any] | None = None,
    *,
    steps: int,
    peaks: Sequence[float] | None = None,
    literal: Sequence[str] = (),
    seeds: int = 5,
    budget: float | None = None,
    rungs: Sequence[float] = RUNGS_BY_DEFAULT,
    widen: bool = True,
    baselines: Sequence[str] = BASELINES,
    goal: str = "min",
    folder: str | Path = "glissando-study",
    changed: str = "raise",
    progress: bool = True,
    **machines: Any,
) -> StudyResult:
    """Find the schedule that trains a model best, and the peak that is best for it.

    Each schedule is tried at several peaks in complete, shorter runs; what is certain to be worse
    is left out, and the best three are compared with fresh seeds at the full length. The results
    and a report are in `folder`; the same call continues a study that was stopped.

    `train(schedule, seed, resume, report)` makes `schedule.steps` updates, of which update k uses
    `schedule(k)`, and returns the last loss. The seed draws the first weights and the order of the
    data. `report(step, loss, save=save)` says that `step` updates are done; `save(folder)` writes a
    checkpoint there, which the study calls when it wants one, and `resume` is the folder of the
    checkpoint to go on from, or None. `gl.torch.train_function`, `gl.keras.train_function`,
    `gl.transformers.train_function`, `gl.xgboost.train_function` and `gl.sklearn.train_function`
    make one from a model.

    Args:
        train: the training function.
        schedules: what to try: schedules of `steps` steps, or endless ones, by name; or functions
            that return one from a peak and a number of steps; or schedules on a plateau. By default
            constant, linear, cosine, wsd, wsd_sqrt, one_cycle and rex, with a warm-up.
        steps: how many updates a full run makes.
        peaks: the peaks that the search begins with; by default around the schedules' own.
        literal: the names of schedules whose rates are to stay as they are written.
        seeds: with how many fresh seeds the best are compared, 2 or more.
        budget: how much the study may cost, in full runs.
        rungs: how long the shorter runs are, as fractions of the full run.
        widen: whether peaks beyond `peaks` and between them are tried.
        baselines: the names of schedules that are compared with the winner in any case.
        goal: "min" if lower results are better, "max" if higher ones are, such as accuracies.
        folder: where results and report go.
        changed: "raise" if results in the folder that another version of `train` gave are to be
            refused, "keep" if they are to count.
        progress: whether to show a bar.
        machines: where it runs: `jobs` processes at once with `threads` each, `gpus` and `memory`
            for each, `timeout` in seconds, `checkpoint_every` in seconds, `share` for beginnings
            in common, `address` of a Ray cluster; see `glissando.studies.resources.Resources`.

    Returns:
        The winner, how sure that is, what it saves, and all runs; printed, it is the answer. Where
        no run gave a result, `winner` is None.

    Raises:
        ScheduleError: an argument breaks its rule; the folder has results of other code.
        OSError: results cannot be written.

    Example:
        >>> import tempfile
        >>> import glissando as gl
        >>> def train(schedule, seed, resume, report):
        ...     weight = 1.0 + seed  # a real training has a model, data and an optimizer
        ...     for step in range(schedule.steps):
        ...         weight -= schedule(step) * weight
        ...     return weight**2
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = gl.study(
        ...         train, steps=180, peaks=[0.01, 0.03], seeds=2, budget=20, jobs=1,
        ...         folder=folder, progress=False,
        ...     )
        >>> found.winner.name
        'cosine'
    """
    asked = prepare(
        train,
        schedules,
        steps=steps,
        peaks=peaks,
        literal=literal,
        seeds=seeds,
        budget=budget,
        rungs=rungs,
        widen=widen,
        baselines=baselines,
        goal=goal,
        folder=folder,
        changed=changed,
        **machines,
    )
    return asked.conduct(progress=progress)


def prepare(
    train: Callable[..., float],
    schedules: Mapping[str, Any] | None = None,
    *,
    steps: int,
    folder: str | Path,
    peaks: Sequence[float] | None = None,
    literal: Sequence[str] = (),
    changed: str = "raise",
    command: str | None = None,
    jobs: int | None = None,
    threads: int = 1,
    gpus: float = 0,
    memory: Any = None,
    timeout: float | None = None,
    checkpoint_every: float = 60.0,
    share: bool = True,
    address: str | None = None,
    **asked: Any,
) -> Study:
    """Return a study that has yet to be conducted; see `study` for the arguments.

    Raises:
        ScheduleError: an argument breaks its rule; the folder has results of other code.
    """
    if not callable(train):
        raise ScheduleError(f"study: `train` must be a function, got {shown(train)}")
    one_of(changed, ("raise", "keep"), "study: `changed`")
    for name in asked:
        if name not in Settings.fields:
            near = suggestion(name, (*Settings.fields, *Resources.fields))
            raise TypeError(f"study: unknown argument {name!r}{near}")
    steps = int(STEPS.check(steps, "study: `steps`"))
    with _named_study():
        candidates = candidates_of(schedules, literal, steps)
        begin = peaks_around(candidates) if peaks is None else peaks
        settings = Settings(candidates, steps, begin, **asked)
        resources = Resources(
            jobs=jobs,
            threads=threads,
            gpus=gpus,
            memory=memory,
            timeout=timeout,
            checkpoint_every=checkpoint_every,
            share=share,
            address=address,
        )
        expected(settings)  # so that a budget that is too small is refused before anything is made
    store = Store(Path(folder))
    task = task_of(train)
    store.open(task, changed=changed)
    return Study(settings, train, store, resources, task, command or repeated())


@contextmanager
def _named_study() -> Iterator[None]:
    """Let messages begin with what users call."""
    try:
        yield
    except ScheduleError as error:
        words = re.sub(r"^(\w+: )?`", "study: `", str(error))
        raise ScheduleError(words) from None


def task_of(train: Callable[..., float]) -> dict[str, Any]:
    """Return what is trained, as plain values."""
    name = getattr(train, "__qualname__", type(train).__name__)
    return {
        "name": f"{getattr(train, '__module__', '')}:{name}",
        "framework": getattr(train, "framework", None),
        "code": fingerprint(train),
        "python": platform.python_version(),
        "glissando": version("glissando"),
    }


def repeated() -> str:
    """Return the shell command that is running."""
    return shlex.join(["python", *sys.argv])
