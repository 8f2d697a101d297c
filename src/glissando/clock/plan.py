"""A run: how many updates it makes, and what they consume."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, overload

from glissando.clock.batches import Batches, BatchSize
from glissando.clock.duration import REST, Duration, as_written, duration
from glissando.errors import ScheduleError, one_of, shown
from glissando.families.piecewise import Piecewise
from glissando.rules import COUNT, MAX_STEP, RATE, STEPS, Maybe, Number, Steps
from glissando.schedule import Part, Schedule
from glissando.signatures import held_to_rules
from glissando.value import Value

StepsOrNone = Annotated[int | None, Maybe(STEPS)]


class Plan(Value):
    """How many updates a run makes, and what they consume; `gl.plan` makes one.

    A step is one update of the optimizer, in all processes together. `print(plan)` shows it all in
    a line.

    Args:
        steps: how many updates the run makes.
        batch: samples in a batch of one process, or a `gl.Piecewise` of them over the steps; None
            where only steps count.
        accumulate: how many batches make an update.
        world_size: how many processes train together.
        samples_per_epoch: samples that an epoch uses, None without a data set of known size.
        steps_per_epoch: updates that an epoch makes, None where that is not known or not fixed.
        tokens_per_sample: tokens in a sample, None where samples have none.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    steps: Steps
    batch: Annotated[int | Piecewise | None, Maybe(BatchSize())] = None
    accumulate: Steps = 1
    world_size: Steps = 1
    samples_per_epoch: StepsOrNone = None
    steps_per_epoch: StepsOrNone = None
    tokens_per_sample: StepsOrNone = None

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
        return self._batches.consumed(int(COUNT.check(steps, "Plan.consumed: `steps`")))

    def steps_at(self, samples: int) -> int:
        """Return how many updates are complete when `samples` samples are consumed.

        It undoes `consumed`, and gives the step whose rate those samples meet.

        Raises:
            ScheduleError: `samples` is no whole number of 0 or more.
        """
        return self._batches.steps_at(int(COUNT.check(samples, "Plan.steps_at: `samples`")))

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

    @overload
    def scaled(
        self, peak: Schedule, *, base_batch: int, rule: Literal["linear", "sqrt"]
    ) -> Schedule: ...
    @overload
    def scaled(self, peak: float, *, base_batch: int, rule: Literal["linear", "sqrt"]) -> float: ...
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
            >>> eight = plan(batch=128, world_size=8, steps=100)
            >>> eight.scaled(0.1, base_batch=256, rule="linear")
            0.4
            >>> eight.scaled(Cosine(0.1, 0.0, steps=100), base_batch=256, rule="sqrt")
            gl.Cosine(0.1, 0.0, steps=100) * 2.0
        """
        base = STEPS.check(base_batch, "Plan.scaled: `base_batch`")
        one_of(rule, ("linear", "sqrt"), "Plan.scaled: `rule`")
        if not isinstance(self.batch, int):
            raise ScheduleError(
                f"Plan.scaled: the plan's `batch` must be one number, got {shown(self.batch)}"
            )
        factor = self.batch * self.accumulate * self.world_size / base
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
            >>> run = plan(batch=32, world_size=4, steps=100)
            >>> run.over_samples(Linear(1.0, 0.0, steps=12_800))(50)
            0.5
        """
        Part().check(schedule, "Plan.over_samples: `schedule`")
        end = self.samples if schedule.steps == math.inf else int(schedule.steps)
        return self._batches.over_samples(schedule, end)

    @cached_property
    def _batches(self) -> Batches:
        """What counts samples."""
        if self.batch is None:
            raise ScheduleError("Plan: cannot count samples: the plan lacks `batch`")
        return Batches(
            self.batch,
            self.accumulate * self.world_size,
            self.steps_per_epoch,
            self.samples_per_epoch,
        )

    def _position(self, length: Duration) -> Fraction:
        """Return a duration in steps, exactly."""
        if length.seconds is not None:
            raise ScheduleError(
                f"Plan: cannot count {str(length)!r}: how many steps a time takes shows in "
                "training. Make the part open-ended, and give the adapter budget='2h'"
            )
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
        if steps == 0 and length == REST:
            raise ScheduleError(
                f"Plan: 'rest' of {self.steps} steps is less than half a step: {float(exact):g}; "
                "leave 'rest' out, or make another part shorter"
            )
        if steps == 0 and exact:
            raise ScheduleError(
                f"Plan: {str(length)!r} of {self.steps} steps is less than half a step: "
                f"{float(exact):g}; write '1 step', or '0 steps' for none"
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
        sizes = self._batches.sizes(self.steps)
        size = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
        factors = [f"batch {self.batch}" if isinstance(self.batch, int) else "batch"]
        factors += [f"accumulate {self.accumulate}"] if self.accumulate > 1 else []
        factors += [f"world_size {self.world_size}"] if self.world_size > 1 else []
        line += f"; {size} samples a step = {' × '.join(factors)}; {self.samples:,} samples"
        return line if self.tokens is None else f"{line}; {self.tokens:,} tokens"


@held_to_rules("plan")
def plan(
    *,
    batch: Any = None,
    samples: StepsOrNone = None,
    accumulate: Steps = 1,
    world_size: Steps = 1,
    epochs: Annotated[float | None, Maybe(Number(0, MAX_STEP, above=True))] = None,
    steps: StepsOrNone = None,
    drop_last: bool = False,
    tokens_per_sample: StepsOrNone = None,
) -> Plan:
    """Return how many updates a run makes, given as epochs or as steps.

    Batches that are left over at the end of an epoch, too few to accumulate, make an update of
    their own, as they do with Transformers' Trainer.

    Args:
        batch: samples in a batch of one process, 1 or more; or a `gl.Piecewise` of them over the
            steps, such as `gl.batch_ramp` makes. Then the samples are one stream over all epochs,
            and what is left over at the end of the run makes no update. May be left out where only
            `steps` are given.
        samples: how large the data set is, if that is known.
        accumulate: how many batches make an update.
        world_size: how many processes train together, each on its own part of the data.
        epochs: how often the data set is used; a fraction of an epoch is rounded up to an update.
        steps: how many updates are made; give this or `epochs`.
        drop_last: whether an incomplete last batch of the epoch is left out.
        tokens_per_sample: how many tokens a sample has, to count in tokens.

    Raises:
        ScheduleError: an argument breaks its rule, both or none of `epochs` and `steps` are given,
            `epochs` is given without `samples`, or no update would be made.

    Example:
        >>> print(plan(samples=1000, batch=10, accumulate=4, epochs=2))
        50 steps = 2 epochs of 25 steps; 40 samples a step = batch 10 × accumulate 4; 2,000 samples
    """
    if (epochs is None) == (steps is None):
        both = "none" if steps is None else "both"
        raise ScheduleError(f"plan: either `epochs` or `steps` must be given, got {both}")
    if epochs is not None and samples is None:
        raise ScheduleError(
            "plan: `epochs` need `samples`, the size of the data set; without one, give `steps`"
        )
    if batch is None and (samples or tokens_per_sample):
        raise ScheduleError("plan: `batch` is missing, the samples in a batch of one process")
    batch = Maybe(BatchSize()).check(batch, "plan: `batch`")

    given, per_epoch = samples, None
    if samples is not None and not isinstance(batch, Piecewise):
        full, rest = divmod(samples, batch * world_size)
        batches = full if drop_last or not rest else full + 1
        samples = min(samples, batches * batch * world_size)
        per_epoch = -(-batches // accumulate)
    if samples:
        counted = Batches(batch, accumulate * world_size, per_epoch, samples)
        if epochs is not None:
            exact = as_written(epochs)
            whole = math.floor(exact * samples)
            steps = counted.steps_at(whole) if per_epoch is None else math.ceil(exact * per_epoch)
    if samples == 0 or not steps:
        raise ScheduleError(
            f"plan: there must be samples for an update, got {shown(given)} samples an epoch, "
            f"batch {batch}, accumulate {accumulate}, world_size {world_size}, "
            f"drop_last={drop_last}"
        )
    return Plan(steps, batch, accumulate, world_size, samples, per_epoch, tokens_per_sample)


def _read(length: object) -> Any:
    return REST if isinstance(length, str) and length == REST else duration(length)
