"""A run: how many updates it makes, and what they consume."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from glissando.combinators.chain import Chain
from glissando.durations import REST, Duration, as_written, duration
from glissando.families.piecewise import Piecewise
from glissando.rules import MAX_STEP, RATE, STEPS, Number, Part, ScheduleError, shown
from glissando.schedule import Schedule

_COUNT = Number(0, MAX_STEP, whole=True)


@dataclass(frozen=True)
class Plan:
    """How many updates a run makes, and what they consume; `gl.plan` makes one.

    A step is one update of the optimizer, in all processes together. `print(plan)` shows it all in
    a line.

    Args:
        steps: how many updates the run makes.
        batch: samples in a batch of one process, or a `gl.Piecewise` of them over the steps; None
            where only steps count.
        accumulate: how many batches make an update.
        world: how many processes train together.
        samples_per_epoch: samples that an epoch uses, None without a data set of known size.
        steps_per_epoch: updates that an epoch makes, None where that is not known or not fixed.
        tokens_per_sample: tokens in a sample, None where samples have none.
    """

    steps: int
    batch: int | Piecewise | None = None
    accumulate: int = 1
    world: int = 1
    samples_per_epoch: int | None = None
    steps_per_epoch: int | None = None
    tokens_per_sample: int | None = None

    @property
    def samples(self) -> int:
        """Samples that the run consumes."""
        return self.consumed(self.steps)

    @property
    def tokens(self) -> int | None:
        """Tokens that the run consumes, None where samples have none."""
        return None if self.tokens_per_sample is None else self.samples * self.tokens_per_sample

    @property
    def epochs(self) -> float | None:
        """Epochs that the run makes, None without a data set of known size."""
        if self.samples_per_epoch is None:
            return None
        if self.steps_per_epoch is None:
            return self.samples / self.samples_per_epoch
        return self.steps / self.steps_per_epoch

    def consumed(self, steps: int) -> int:
        """Return how many samples the first `steps` updates consume, exactly.

        Raises:
            ScheduleError: `steps` is no whole number of 0 or more.
        """
        steps = int(_COUNT.check(steps, "Plan.consumed: `steps`"))
        laps, rest = divmod(steps, self._lap.steps) if self._lap else (0, steps)
        samples = sum(
            min(rest - run.step, run.steps) * run.size for run in self._runs if run.step < rest
        )
        return int(samples) + (laps * self._lap.samples if self._lap else 0)

    def steps_at(self, samples: int) -> int:
        """Return how many updates are complete when `samples` samples are consumed.

        It undoes `consumed`, and gives the step whose rate those samples meet.

        Raises:
            ScheduleError: `samples` is no whole number of 0 or more.
        """
        samples = int(_COUNT.check(samples, "Plan.steps_at: `samples`"))
        laps, rest = divmod(samples, self._lap.samples) if self._lap else (0, samples)
        run = next(run for run in reversed(self._runs) if run.sample <= rest)
        steps = run.step + (rest - run.sample) // run.size
        return steps + (laps * self._lap.steps if self._lap else 0)

    def steps_in(self, length: Any) -> int:
        """Return how many steps a duration is, rounded once, to the nearest.

        Args:
            length: what `gl.duration` reads, such as "3%" or "2 epochs".

        Raises:
            ScheduleError: `length` cannot be read, the plan lacks what it takes to count it, or it
                is less than half a step.

        Example:
            >>> from glissando import plan
            >>> plan(samples=1000, batch=10, epochs=1).steps_in("29%")
            29
        """
        length = duration(length)
        exact = self._position(length)
        return self._at_least_one(length, exact, round(exact))

    def split(self, *lengths: Any) -> tuple[int, ...]:
        """Return the steps of several parts that together are the whole run.

        Each is within a step of its exact length, and they add up: what one part is rounded by,
        the next ones make good.

        Args:
            lengths: durations, as for `steps_in`; one of them may be "rest".

        Raises:
            ScheduleError: the parts are shorter or longer than the run, or one of them is less
                than half a step.

        Example:
            >>> from glissando import plan
            >>> plan(samples=1000, batch=10, epochs=1).split("3%", "rest", "20%")
            (3, 77, 20)
        """
        read = [_read(length) for length in lengths]
        total = sum((self._position(length) for length in read if length != REST), Fraction())
        if REST not in read and total != self.steps:
            raise self._no_whole(read, total)
        return self.in_turn(*read)

    def in_turn(self, *lengths: Any) -> tuple[int, ...]:
        """Return the steps of parts that follow each other, the whole run or not.

        They are rounded as those of `split`, so that each begins within a step of where it should.

        Args:
            lengths: durations, as for `steps_in`; one of them may be "rest", what the others leave
                of the run.

        Raises:
            ScheduleError: the others leave nothing of the run for "rest", or one of them is less
                than half a step.

        Example:
            >>> from glissando import plan
            >>> plan(steps=12).in_turn("12.5%", "12.5%", "2 steps")
            (2, 1, 2)
        """
        read = [_read(length) for length in lengths]
        exact = [Fraction() if length == REST else self._position(length) for length in read]
        total = sum(exact, Fraction())
        if read.count(REST) > 1 or (REST in read and total > self.steps):
            raise self._no_whole(read, total)
        parts, carry = [], Fraction()
        for length, part in zip(read, exact, strict=True):
            part = self.steps - total if length == REST else part
            # a part of whole steps stays as it is
            steps = int(part) if part.denominator == 1 else round(part + carry)
            parts.append(self._at_least_one(length, part, steps))
            carry += part - steps
        return tuple(parts)

    def _no_whole(self, lengths: Sequence[Any], total: Fraction) -> ScheduleError:
        return ScheduleError(
            f"Plan: the parts must add up to the run's {self.steps} steps, one of them 'rest' to "
            f"make it so; got {', '.join(map(str, lengths))}, {float(total):g} steps"
        )

    def scaled(self, peak: Any, *, base_batch: int, rule: Literal["linear", "sqrt"]) -> Any:
        """Return a rate that was found for another number of samples an update, for this plan's.

        Nothing else in the library scales a rate by the batch.

        Args:
            peak: the rate, 0 or more; or a whole schedule, whose factor then shows in its text.
            base_batch: the samples in an update for which `peak` is right.
            rule: "linear" in the samples of an update, or "sqrt": their square root.

        Raises:
            ScheduleError: an argument breaks its rule, or the plan's batch is unknown or changes.

        Example:
            >>> from glissando import Cosine, plan
            >>> eight = plan(batch=128, world=8, steps=100)
            >>> eight.scaled(0.1, base_batch=256, rule="linear")
            0.4
            >>> eight.scaled(Cosine(0.1, 0.0, steps=100), base_batch=256, rule="sqrt")
            gl.Cosine(0.1, 0.0, steps=100) * 2.0
        """
        base = STEPS.check(base_batch, "Plan.scaled: `base_batch`")
        if not isinstance(rule, str) or rule not in ("linear", "sqrt"):
            raise ScheduleError(
                f"Plan.scaled: `rule` must be 'linear' or 'sqrt', got {shown(rule)}"
            )
        if not isinstance(self.batch, int):
            raise ScheduleError(
                f"Plan.scaled: the plan's `batch` must be one number, got {shown(self.batch)}"
            )
        factor = self.batch * self.accumulate * self.world / base
        factor = factor if rule == "linear" else math.sqrt(factor)
        if isinstance(peak, Schedule):
            return peak * factor
        return RATE.check(peak, "Plan.scaled: `peak`") * factor

    def over_samples(self, schedule: Schedule) -> Schedule:
        """Return a schedule over samples as one over this plan's steps.

        Step k has the rate that `schedule` has after the samples consumed by then. So two plans
        with other batches or numbers of processes have the same rate after the same samples.

        Args:
            schedule: a schedule whose steps are samples; one that never ends is followed to the
                end of the run.

        Raises:
            ScheduleError: `schedule` is no schedule.

        Example:
            >>> from glissando import Linear, plan
            >>> plan(batch=32, world=4, steps=100).over_samples(Linear(1.0, 0.0, steps=12_800))(50)
            0.5
        """
        Part().check(schedule, "Plan.over_samples: `schedule`")
        end = self.samples if schedule.steps == math.inf else int(schedule.steps)
        parts: list[Schedule] = []
        sample = 0
        while sample < end:
            for run in self._runs:
                if sample + run.sample < end:
                    start = sample + run.sample
                    steps = int(min(run.steps, -((start - end) // run.size)))
                    part = schedule.drop(start) if start else schedule
                    parts.append(part.take(steps * run.size).stretch(steps))
            sample = sample + self._lap.samples if self._lap else end
        return parts[0] if len(parts) == 1 else Chain(parts)

    @cached_property
    def _runs(self) -> tuple["_Run", ...]:
        """The runs of updates of one size, as far as the first lap goes."""
        together = self.accumulate * self.world
        if self.batch is None:
            raise ScheduleError("Plan: cannot count samples: the plan lacks `batch`")
        if isinstance(self.batch, int):
            steps = self._lap.steps if self._lap else math.inf
            return (_Run(0, 0, steps, self.batch * together),)
        runs: list[_Run] = []
        sample = 0
        for step, end in pairwise([0, *self.batch.breaks(), math.inf]):
            size = int(self.batch(step)) * together
            runs.append(_Run(int(step), sample, end - step, size))
            if end < math.inf:
                sample += int(end - step) * size
        return tuple(runs)

    @cached_property
    def _lap(self) -> "_Lap | None":
        """An epoch, if its last update is smaller than the others."""
        if not isinstance(self.batch, int) or not self.steps_per_epoch:
            return None
        if self.samples_per_epoch is None:
            return None
        full = self.steps_per_epoch * self.batch * self.accumulate * self.world
        if full == self.samples_per_epoch:
            return None
        return _Lap(self.steps_per_epoch, self.samples_per_epoch)

    def _position(self, length: Duration) -> Fraction:
        """Return a duration in steps, exactly."""
        amount = as_written(length.amount)
        if length.unit == "steps":
            return amount
        if length.unit == "%":
            return amount * self.steps / 100
        if length.unit == "epochs":
            if self.samples_per_epoch is None:
                raise ScheduleError(
                    f"Plan: cannot count {str(length)!r}: the plan lacks `samples`, the size of "
                    "the data set"
                )
            if self.steps_per_epoch is not None:
                return amount * self.steps_per_epoch
            amount *= self.samples_per_epoch
        elif length.unit == "tokens":
            if self.tokens_per_sample is None:
                raise ScheduleError(
                    f"Plan: cannot count {str(length)!r}: the plan lacks `tokens_per_sample`"
                )
            amount /= self.tokens_per_sample
        step = self.steps_at(math.floor(amount))
        before = self.consumed(step)
        return step + (amount - before) / (self.consumed(step + 1) - before)

    def _at_least_one(self, length: Any, exact: Fraction, steps: int) -> int:
        if steps == 0 and (exact or length == REST):
            raise ScheduleError(
                f"Plan: {str(length)!r} of {self.steps} steps is less than half a step: "
                f"{float(exact):g}"
            )
        return steps

    def __str__(self) -> str:
        """Return the plan in a line."""
        line = f"{self.steps:,} steps"
        if self.epochs is not None:
            epochs = f"{self.epochs:,.2f}".removesuffix(".00")
            line += f" = {epochs} epoch" + "s" * (epochs != "1")
            if self.steps_per_epoch is not None:
                line += f" of {self.steps_per_epoch:,} steps"
        if self.batch is None:
            return line
        sizes = sorted({run.size for run in self._runs if run.step < self.steps})
        size = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
        factors = [f"batch {self.batch}" if isinstance(self.batch, int) else "batch"]
        factors += [f"accumulate {self.accumulate}"] if self.accumulate > 1 else []
        factors += [f"world {self.world}"] if self.world > 1 else []
        line += f"; {size} samples a step = {' × '.join(factors)}; {self.samples:,} samples"
        return line if self.tokens is None else f"{line}; {self.tokens:,} tokens"

    def __repr__(self) -> str:
        """Return the Python code that builds the plan."""
        told = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"gl.Plan({', '.join(told)})"


class _Run(NamedTuple):
    """Updates of one size: the first one's step and sample, how many, and samples in each."""

    step: int
    sample: int
    steps: float
    size: int


class _Lap(NamedTuple):
    """An epoch's updates and samples."""

    steps: int
    samples: int


def _read(length: object) -> Any:
    return REST if isinstance(length, str) and length == REST else duration(length)
