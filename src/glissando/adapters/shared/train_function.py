"""A study's training function, of whatever framework: what all of them share."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.finder import random_state
from glissando.plateau import OnPlateau
from glissando.rules import STEPS, Number
from glissando.schedule import Schedule

Followed: TypeAlias = Schedule | OnPlateau
"""What a training can follow: a schedule, or one that a metric moves."""

Report: TypeAlias = Callable[..., object]
"""What is called as `report(step, loss, save=save)` when `step` updates are done."""

SEED = Number(0, 2**32 - 1, whole=True)
"""What every framework takes for a seed."""

OBSERVATIONS = 20
"""How often a run is validated where nothing is said of it."""

WHERE = "train_function"
"""What messages call it."""


class TrainFunction(ABC):
    """A function `train(schedule, seed, resume, report) -> loss`, as a study wants it.

    Args:
        of: what is trained: the function of the user's that makes it, or what it is called.
        every: after how many updates the model is validated; None for a twentieth of the run.
        settings: what else was given that the results depend on, by name, for the `repr`. Where
            it changes, a study sees that the function is another one.
    """

    framework: ClassVar[str]
    """The framework, as its adapter is called."""

    def __init__(self, of: Any, every: int | None, **settings: Any) -> None:
        self.every = None if every is None else int(STEPS.check(every, f"{WHERE}: `every`"))
        name = of if isinstance(of, str) else getattr(of, "__name__", type(of).__name__)
        self.__name__ = self.__qualname__ = name
        if not isinstance(of, str):
            self.__module__ = getattr(of, "__module__", type(self).__module__)
        arguments = [name, *(f"{key}={value!r}" for key, value in settings.items())]
        arguments += [] if every is None else [f"every={every}"]
        self._shown = f"gl.{self.framework}.train_function({', '.join(arguments)})"

    def __call__(
        self,
        schedule: Followed,
        seed: int = 0,
        resume: str | Path | None = None,
        report: Report | None = None,
    ) -> float:
        """Train from the beginning, or from a checkpoint, to the end; return the last result.

        The random states of the process are afterwards what they were before.

        Args:
            schedule: what is followed: it makes `schedule.steps` updates.
            seed: what draws the first weights and the order of the data.
            resume: the folder of a checkpoint to go on from.
            report: what is called after each update.

        Returns:
            What the last validation gave; NaN as soon as one gives that.

        Raises:
            ScheduleError: an argument breaks its rule.
        """
        if not isinstance(schedule, Schedule | OnPlateau) or not schedule.steps < math.inf:
            raise ScheduleError(
                f"{self.__name__}: `schedule` must be a schedule that ends, such as "
                f"gl.Constant(0.1, steps=100), got {shown(schedule)}"
            )
        steps = int(STEPS.check(schedule.steps, f"{self.__name__}: the length of `schedule`"))
        seed = int(SEED.check(seed, f"{self.__name__}: `seed`"))
        folder = None if resume is None else Path(resume)
        if folder is not None and not folder.is_dir():
            raise ScheduleError(
                f"{self.__name__}: `resume` must be the folder of a checkpoint, got {str(folder)!r}"
            )
        run = Run(schedule, steps, seed, self.every or max(1, steps // OBSERVATIONS))
        with random_state.kept():
            random_state.seed(seed)
            return float(self._train(run, folder, report or _unreported))

    @abstractmethod
    def _train(self, run: "Run", resume: Path | None, report: Report) -> float:
        """Train, the random states being seeded."""

    def __repr__(self) -> str:
        """Return what was written, in short."""
        return self._shown


class Run:
    """What a training function was asked for.

    Args:
        schedule: what is followed.
        steps: how many updates are to be made.
        seed: what draws the first weights and the order of the data.
        every: after how many updates the model is validated.
    """

    def __init__(self, schedule: Followed, steps: int, seed: int, every: int) -> None:
        self.schedule = schedule
        self.steps = steps
        self.seed = seed
        self.every = every

    def observed_at(self, step: int) -> bool:
        """Return whether the model is validated when `step` updates are done."""
        return step % self.every == 0 or step == self.steps


class Stepwise(Protocol):
    """A training that makes one update after the other."""

    def update(self, step: int) -> None:
        """Make update `step`."""

    def observe(self, step: int) -> float:
        """Return the result after `step` updates; a plateau observes it, too."""

    def save(self, folder: Path) -> None:
        """Write all that the next updates depend on into a folder."""

    def load(self, folder: Path) -> int:
        """Go on from what `save` wrote; return how many updates led to it."""


def trained(training: Stepwise, run: Run, resume: Path | None, report: Report) -> float:
    """Make the updates of a run; return the last result, or NaN as soon as there is one."""
    step = 0 if resume is None else training.load(resume)
    if step >= run.steps:
        return training.observe(step)
    while True:
        training.update(step)
        step += 1
        result = None
        if run.observed_at(step):
            result = training.observe(step)
        report(step, result, save=training.save)
        if result is not None and (step == run.steps or math.isnan(result)):
            return result


def checkpoint(folder: Path, name: str) -> Path:
    """Return a file of a checkpoint.

    Raises:
        ScheduleError: there is none.
    """
    if not (folder / name).is_file():
        raise ScheduleError(
            f"{WHERE}: `resume` must be a folder that this function saved a checkpoint in, but "
            f"{str(folder)!r} has no {name}"
        )
    return folder / name


def must_be_function(value: Any, argument: str, example: str) -> None:
    """Raise about what is no function, with one that could be written."""
    if not callable(value):
        raise ScheduleError(
            f"{WHERE}: `{argument}` must be a function, such as {example}, got {shown(value)}"
        )


def result_of(value: Any, argument: str) -> float:
    """Return what a function of the user's gave for the result, or raise about it."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ScheduleError(
            f"{WHERE}: `{argument}` must return a number, got {shown(value)}"
        ) from None


class Order:
    """The order of the data: shuffled for each epoch by the seed, and by nothing else.

    Args:
        rows: how many rows there are.
        batch: how many are in a batch; what fills no batch is left out of an epoch.
        seed: what draws the order.
    """

    def __init__(self, rows: int, batch: int, seed: int) -> None:
        self.rows = rows
        self.size = min(batch, rows)
        self.seed = seed
        self.batches = rows // self.size
        self._epoch = -1
        self._order: Any = None

    def batch(self, step: int) -> Any:
        """Return the rows of update `step`."""
        epoch, place = divmod(step, self.batches)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self.of_epoch(epoch)
        return self._order[place * self.size : (place + 1) * self.size]

    def of_epoch(self, epoch: int) -> Any:
        """Return the rows of a whole epoch."""
        return np.random.default_rng((self.seed, epoch)).permutation(self.rows)


def mixed(*numbers: int) -> int:
    """Return a seed that is made of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _unreported(*_: Any, **__: Any) -> None:
    """Take a report that nobody asked for."""
