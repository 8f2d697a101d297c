"""What is trained, how long, and by which schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import glissando as gl
from bench.evidence import boosting, images, transformer
from glissando.forecasting.rules_of_thumb import OPTIMIZERS
from glissando.recipes import keras_tip
from glissando.studies.candidate import Candidate
from glissando.studies.settings import standard_candidates

BUDGETS = (1 / 4, 1 / 2, 1)
"""How long the runs are, as fractions of the longest. Each is a complete schedule."""

EPOCHS = 20
"""How many epochs a run is to the tip's schedules: each rate is held for a twentieth of it."""

TIP = {
    "time-based decay": keras_tip.time_based_decay(),
    "exponential decay": keras_tip.exponential_decay(),
    "constant, then exponential": keras_tip.constant_then_exponential(),
    "the tip's one cycle": keras_tip.one_cycle(),
}
"""The tip's schedules but for its constant, which is the constant without a warm-up."""

LITERAL = {f"{name}, as written": schedule for name, schedule in TIP.items()} | {
    "constant, as written": keras_tip.constant()
}
"""All five at the tip's own rates."""


def tuned(steps: int) -> dict[str, Any]:
    """Return the schedules whose peak is searched."""
    warmup = steps // 20
    plateau = gl.Plateau("torch", factor=0.5, patience=1)
    warmed = gl.Linear(0.0, 1.0, warmup) >> gl.Constant(1.0, steps - warmup)
    return {
        **standard_candidates(steps, warmup),
        "constant, no warm-up": gl.Constant(1.0, steps),
        "plateau": plateau.on(warmed, after=warmup),
        **{name: over(schedule, steps) for name, schedule in TIP.items()},
    }


def over(schedule: gl.Schedule, steps: int) -> gl.Schedule:
    """Return a schedule by epochs as one by updates, which holds each rate as the tip does."""
    return schedule.hold_each(steps // EPOCHS).cut(steps)


@dataclass(frozen=True)
class Task:
    """A model with its data.

    Args:
        name: what files call it.
        title: what tables call it.
        train: what trains it, once.
        score: what the runs are compared by.
        steps: how many updates the longest runs make.
        peaks: the peaks that the search begins with.
        usual: those that a study begins with: a rule of thumb, a third of it and three times it.
        search: with how many seeds peaks are compared.
        seeds: with how many other seeds the best of them is tried again.
        slow: whether longer runs are searched around the best peak of the shorter ones only. A task
            that overfits has two best peaks, a low and a high one, so that there it would mislead.
        has_error: whether it is known of how many examples the model is wrong.
        digits: with how many digits scores are printed.
    """

    name: str
    title: str
    train: Callable[..., float]
    score: str
    steps: int
    peaks: tuple[float, ...]
    usual: tuple[float, float, float]
    search: int = 1
    seeds: int = 5
    slow: bool = False
    has_error: bool = False
    digits: int = 4

    @property
    def lengths(self) -> list[int]:
        """How many updates the runs of each budget make."""
        return [int(self.steps * budget) for budget in BUDGETS]

    @property
    def fresh(self) -> range:
        """The seeds of the last comparison."""
        return range(self.search, self.search + self.seeds)

    @cached_property
    def candidates(self) -> dict[str, Candidate]:
        """All schedules by their names."""
        found = {name: Candidate(name, s, self.steps) for name, s in tuned(self.steps).items()}
        for name, schedule in LITERAL.items():
            found[name] = Candidate(name, over(schedule, self.steps), self.steps, literal=True)
        return found


def around(peak: float) -> tuple[float, float, float]:
    """Return a third of a peak, the peak, and three times it."""
    below, above = (float(f"{peak * factor:.3g}") for factor in (1 / 3, 3))
    return below, peak, above


TASKS = {
    task.name: task
    for task in (
        Task(
            "transformer",
            "a character transformer, AdamW, one pass over the King James Bible",
            transformer.train,
            "loss",
            steps=800,
            peaks=(0.002, 0.004, 0.008, 0.016),
            slow=True,
            usual=around(OPTIMIZERS["adamw"].rate),
        ),
        Task(
            "cnn",
            "a CNN on 8,000 images of Fashion-MNIST, SGD with Nesterov momentum",
            images.train_convolutions,
            "loss",
            steps=2_000,
            peaks=(0.0125, 0.025, 0.05, 0.1, 0.2),
            slow=True,
            usual=around(OPTIMIZERS["sgd"].rate * images.BATCH / 256),
            has_error=True,
        ),
        Task(
            "mlp",
            "an MLP on 600 digits, Adam",
            images.train_perceptron,
            "loss",
            steps=1_200,
            peaks=(0.0005, 0.001, 0.002, 0.004, 0.008),
            usual=around(OPTIMIZERS["adam"].rate),
            search=3,
            seeds=10,
            has_error=True,
        ),
        Task(
            "boosting",
            "gradient boosting on the prices of 8,000 diamonds, XGBoost",
            boosting.train,
            "rmse",
            steps=400,
            peaks=(0.05, 0.1, 0.2, 0.4, 0.8),
            usual=around(0.3),  # XGBoost's default
            search=3,
            seeds=10,
            digits=5,
        ),
    )
}
