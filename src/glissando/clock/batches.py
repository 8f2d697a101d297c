"""Batches: what the updates of a run consume."""

import math
from itertools import pairwise
from typing import Any, NamedTuple

from glissando.combinators.chain import Chain
from glissando.errors import ScheduleError, shown
from glissando.families.piecewise import Piecewise
from glissando.rules import STEPS, Rule, Steps, plain_number
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules

MOST = 100_000
"""The most sizes that a ramp may have."""


class BatchSize(Rule):
    """The samples in a batch: a whole number, or a schedule of whole numbers."""

    words = "a whole number, 1 or more, or a gl.Piecewise of them"

    def check(self, value: Any, where: str) -> Any:
        if plain_number(value) is not None:
            return int(STEPS.check(value, where))
        if not isinstance(value, Piecewise) or any(v < 1 or v != int(v) for v in value.values):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value


@held_to_rules("batch_ramp")
def batch_ramp(start: Steps, increment: Steps, samples: Steps, batch: Steps) -> Piecewise:
    """Return a batch that grows with the samples consumed, as Megatron-LM's does.

    It is `--rampup-batch-size START INCREMENT SAMPLES` with `--global-batch-size BATCH`: the batch
    grows by `increment` each time that an equal share of `samples` is consumed, and an update that
    passes several shares skips their sizes. What comes is a `gl.Piecewise` over updates, for
    `gl.plan(batch=...)`; its sizes are those of all processes together, so that the plan has no
    `accumulate` and no `world_size`.

    Args:
        start: the samples in the first update, 1 or more.
        increment: what the batch grows by, 1 or more; from `start` to `batch` in whole increments.
        samples: how many samples the ramp lasts, 1 or more.
        batch: the samples in an update after the ramp, more than `start`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> batch_ramp(2, 2, samples=8, batch=6)
        gl.Piecewise(values=[2.0, 4.0, 6.0], boundaries=[2, 3])
    """
    sizes, rest = divmod(batch - start, increment)
    if rest or not 0 < sizes <= MOST:
        raise ScheduleError(
            f"`batch` must be 1 to {MOST:,} increments of {increment} above `start`, got {batch} "
            f"and {start}"
        )
    share = samples / sizes  # in floating point, as Megatron-LM has it

    def level_after(consumed: int) -> int:
        return sizes if consumed > samples else int(consumed / share)

    step = consumed = level = 0
    found, boundaries = [start], []
    while level < sizes:
        size = start + level * increment
        updates = max(1, math.ceil((share * (level + 1) - consumed) / size) - 1)
        while level_after(consumed + updates * size) == level:
            updates += 1
        step, consumed = step + updates, consumed + updates * size
        level = level_after(consumed)
        found.append(start + level * increment)
        boundaries.append(step)
    return Piecewise(found, boundaries)


class Run(NamedTuple):
    """Updates of one size: the first one's step and sample, how many, and samples in each."""

    step: int
    sample: int
    steps: float
    size: int


class Lap(NamedTuple):
    """An epoch's updates and samples."""

    steps: int
    samples: int


class Batches:
    """The batches of a run.

    Args:
        size: the samples in a batch of one process, or a schedule of them over the steps.
        together: how many batches make an update: those accumulated, in all processes.
        steps_per_epoch: updates that an epoch makes, None where that is not known or not fixed.
        samples_per_epoch: samples that an epoch uses, None without a data set of known size.
    """

    def __init__(
        self,
        size: int | Piecewise,
        together: int,
        steps_per_epoch: int | None,
        samples_per_epoch: int | None,
    ) -> None:
        self.lap: Lap | None = None
        if isinstance(size, Piecewise):
            self.runs = _runs(size, together)
            return
        update = size * together
        steps, samples = steps_per_epoch, samples_per_epoch
        if steps and samples and steps * update != samples:  # an epoch's last update is smaller
            self.lap = Lap(steps, samples)
        self.runs = [Run(0, 0, self.lap.steps if self.lap else math.inf, update)]

    def consumed(self, steps: int) -> int:
        """Return how many samples the first updates consume."""
        laps, rest = divmod(steps, self.lap.steps) if self.lap else (0, steps)
        samples = sum(
            min(rest - run.step, run.steps) * run.size for run in self.runs if run.step < rest
        )
        return int(samples) + (laps * self.lap.samples if self.lap else 0)

    def steps_at(self, samples: int) -> int:
        """Return how many updates are complete when so many samples are consumed."""
        laps, rest = divmod(samples, self.lap.samples) if self.lap else (0, samples)
        run = next(run for run in reversed(self.runs) if run.sample <= rest)
        steps = run.step + (rest - run.sample) // run.size
        return steps + (laps * self.lap.steps if self.lap else 0)

    def sizes(self, steps: int) -> list[int]:
        """Return the sizes that the first updates have, the smallest first."""
        return sorted({run.size for run in self.runs if run.step < steps})

    def over_samples(self, schedule: Schedule, end: int) -> Schedule:
        """Return the first `end` samples of a schedule over samples as one over updates."""
        if end == 0:
            return schedule
        parts: list[Schedule] = []
        sample = 0
        while sample < end:
            for run in self.runs:
                if sample + run.sample < end:
                    start = sample + run.sample
                    steps = int(min(run.steps, -((start - end) // run.size)))
                    part = schedule.drop(start).take(steps * run.size)
                    parts.append(part.stretch(steps))
            sample = sample + self.lap.samples if self.lap else end
        return parts[0] if len(parts) == 1 else Chain(parts)


def _runs(sizes: Piecewise, together: int) -> list[Run]:
    runs: list[Run] = []
    sample = 0
    for step, end in pairwise([0, *sizes.breaks(), math.inf]):
        size = int(sizes(step)) * together
        runs.append(Run(int(step), sample, end - step, size))
        if end < math.inf:
            sample += int(end - step) * size
    return runs
