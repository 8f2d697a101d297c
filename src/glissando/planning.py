"""Planning a run: from samples, batches and epochs to updates."""

import math
from dataclasses import replace
from typing import Any

from glissando.durations import as_written
from glissando.families.piecewise import Piecewise
from glissando.plans import Plan
from glissando.rules import MAX_STEP, STEPS, Number, ScheduleError, shown
from glissando.schedule import Schedule


def plan(
    *,
    batch: Any = None,
    samples: int | None = None,
    accumulate: int = 1,
    world: int = 1,
    epochs: float | None = None,
    steps: int | None = None,
    drop_last: bool = False,
    tokens_per_sample: int | None = None,
) -> Plan:
    """Return how many updates a run makes, given as epochs or as steps.

    Batches that are left over at the end of an epoch, too few to accumulate, make an update of
    their own, as they do with Transformers' Trainer.

    Args:
        batch: samples in a batch of one process, 1 or more; or a `gl.Piecewise` of them over the
            steps. Then the samples are one stream over all epochs, and what is left over at the
            end of the run makes no update. May be left out where only `steps` are given.
        samples: how large the data set is, if that is known.
        accumulate: how many batches make an update.
        world: how many processes train together, each on its own share of the data.
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
    accumulate = int(STEPS.check(accumulate, "plan: `accumulate`"))
    world = int(STEPS.check(world, "plan: `world`"))
    given = samples
    if samples is not None:
        samples = int(STEPS.check(samples, "plan: `samples`"))
    if tokens_per_sample is not None:
        tokens_per_sample = int(STEPS.check(tokens_per_sample, "plan: `tokens_per_sample`"))
    if not isinstance(drop_last, bool):
        raise ScheduleError(f"plan: `drop_last` must be True or False, got {shown(drop_last)}")
    if (epochs is None) == (steps is None):
        both = "none" if steps is None else "both"
        raise ScheduleError(f"plan: either `epochs` or `steps` must be given, got {both}")
    if epochs is not None:
        if samples is None:
            raise ScheduleError(
                "plan: `epochs` need `samples`, the size of the data set; without one, give `steps`"
            )
        epochs = Number(0, MAX_STEP, above=True).check(epochs, "plan: `epochs`")
    if steps is not None:
        steps = int(STEPS.check(steps, "plan: `steps`"))
    if batch is None and (samples or tokens_per_sample):
        raise ScheduleError("plan: `batch` is missing, the samples in a batch of one process")

    per_epoch = None
    if isinstance(batch, Schedule):
        batch = _sizes(batch)
    elif batch is not None:
        batch = int(STEPS.check(batch, "plan: `batch`"))
        if samples is not None:
            batches = samples // (batch * world) if drop_last else -(-samples // (batch * world))
            samples = min(samples, batches * batch * world)
            per_epoch = -(-batches // accumulate)
    run = Plan(steps or 1, batch, accumulate, world, samples, per_epoch, tokens_per_sample)
    if epochs is not None and samples is not None:
        exact = as_written(epochs)
        whole = math.floor(exact * samples)
        steps = run.steps_at(whole) if per_epoch is None else math.ceil(exact * per_epoch)
    if per_epoch == 0 or not steps:
        raise ScheduleError(
            f"plan: there must be samples for an update, got {shown(given)} samples an epoch, "
            f"batch {batch}, accumulate {accumulate}, world {world}, drop_last={drop_last}"
        )
    return replace(run, steps=steps)


def _sizes(batch: Schedule) -> Piecewise:
    """Return a schedule of batch sizes if it is one, or raise."""
    if not isinstance(batch, Piecewise) or any(v < 1 or v != int(v) for v in batch.values):
        raise ScheduleError(
            "plan: `batch` must be a whole number, 1 or more, or a gl.Piecewise of them, "
            f"got {shown(batch)}"
        )
    return batch
