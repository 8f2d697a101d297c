"""Keras: schedules of the optimizer and users' callbacks, by batches and by epochs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from bench.real_runs.jobs import Job
from bench.real_runs.plans import Plan

EPOCHS = 320
"""Up to how many steps a job of steps is run as one of epochs."""


def native(plan: Plan) -> Any:
    """Return Keras' own schedule; None if it has none."""
    schedules = keras.optimizers.schedules
    if plan.rise:
        return None
    if plan.kind in ("cosine", "annealing"):
        warm = {"warmup_target": plan.peak, "warmup_steps": plan.warm} if plan.warm else {}
        first = plan.start if plan.warm else plan.peak
        return schedules.CosineDecay(
            first, plan.end - plan.warm, plan.floor / plan.peak, name="decay", **warm
        )
    if plan.warm or plan.kind in ("wsd", "inverse"):
        return None
    if plan.kind == "exponential":
        return schedules.ExponentialDecay(plan.peak, plan.end, 0.01)
    if plan.kind == "step":
        rates = [plan.peak * 0.1**i for i in range(len(plan.drops) + 1)]
        return schedules.PiecewiseConstantDecay([drop - 1 for drop in plan.drops], rates)
    power = 2.0 if plan.kind == "polynomial" else 1.0
    return schedules.PolynomialDecay(plan.peak, plan.end, plan.floor, power)


def by_function(job: Job, plan: Plan, off: int) -> Callable[[int], float]:
    """Return the rate of each step as a user's own function has it; `off` is its first step."""
    hand = job.hand

    def rate(step: int) -> float:
        k = step + off
        if hand is not None and hand.rate is not None and step >= hand.at:
            return hand.rate
        found = plan.rate(k // job.per_epoch if job.advance == "epoch" else k)
        return hand.factor * found if hand is not None and step >= hand.at else found

    return rate


class Batches(keras.callbacks.Callback):
    """What users write to set the rate of each batch, and to log it."""

    def __init__(self, path: Path, first: int, rate: Callable[[int], float] | None) -> None:
        super().__init__()
        self.path, self.step, self.rate = path, first, rate

    def on_train_begin(self, logs: Any = None) -> None:
        if not self.path.exists():
            self.path.write_text("step,learning_rate\n")
        self.file = self.path.open("a")

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        if self.rate is not None:
            optimizer.learning_rate = self.rate(self.step)
        used = np.float32(keras.ops.convert_to_numpy(optimizer.learning_rate))
        self.file.write(f"{self.step},{used}\n")
        self.step += 1

    def on_train_end(self, logs: Any = None) -> None:
        self.file.close()


def _fit(rate: Any, first: int, callbacks: list[Any], batches: int, epochs: range) -> None:
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    model.optimizer.iterations.assign(first)
    data = np.ones((batches, 1), np.float32)
    model.fit(
        data, data, batch_size=1, epochs=epochs.stop, initial_epoch=epochs.start,
        callbacks=callbacks, verbose=0, shuffle=False,
    )  # fmt: skip


def _parts(job: Job) -> list[tuple[Plan, int, int, int]]:
    """Return plans, the step that each begins at, where it ends, and where its schedule is."""
    resume = job.resume
    if resume is None:
        return [(job.plan, 0, job.updates, job.early)]
    first = (job.plan, 0, resume.at + resume.lost, job.early)
    return [first, (resume.plan, resume.at, job.updates, resume.state or 0)]


def train(job: Job, folder: Path) -> Path:
    """Run a job; return its log."""
    folder.mkdir(parents=True)
    own = job.hand is not None or job.advance == "epoch" or job.fault == "bounced past the end"
    if job.updates <= EPOCHS and job.advance == "update" and not job.meant.fields.get("every"):
        return _by_epochs(job, folder / "training.csv")
    path = folder / "batches.csv"
    for plan, begin, end, done in _parts(job):
        schedule = None if own else native(plan)
        rate = by_function(job, plan, done - begin) if schedule is None else None
        first = done if schedule is not None else begin
        callbacks = [Batches(path, begin, rate)]
        _fit(schedule or plan.peak, first, callbacks, end - begin, range(1))
    return path


def _by_epochs(job: Job, path: Path) -> Path:
    """Run a job with an epoch for each of its steps, by LearningRateScheduler and CSVLogger."""
    for plan, begin, end, done in _parts(job):
        rate = by_function(job, plan, done - begin)
        callbacks = [
            keras.callbacks.LearningRateScheduler(lambda epoch, _, rate=rate: rate(epoch)),
            keras.callbacks.CSVLogger(str(path), append=True),
        ]
        _fit(plan.peak, 0, callbacks, 1, range(begin, end))
    return path
