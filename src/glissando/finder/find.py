"""`find_rate`: the range test."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import zip_longest
from statistics import median
from typing import Any

import numpy as np

from glissando.errors import ScheduleError, one_of, shown
from glissando.finder import doubts
from glissando.finder.answer import Limit, Ramp, RateCurve, RateRange
from glissando.finder.functions import Functions
from glissando.finder.good_rates import around, below, middle
from glissando.finder.limit import from_brackets
from glissando.finder.ramp import Watch, ramp, rates_of, run
from glissando.finder.readings import onset, readings
from glissando.finder.recorded import recorded
from glissando.finder.session import Session, session
from glissando.finder.short_runs import ShortRuns
from glissando.finder.smoothing import smooth
from glissando.finder.training import Training
from glissando.rules import MAX_RATE, MAX_STEP, Number

SCALES = ("geometric", "linear")
LOSSES = ("training", "validation")


def find_rate(
    training: Any,
    *,
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
    scale: str = "geometric",
    seeds: int | Sequence[int] = 3,
    loss: str = "training",
    short: int = 50,
    save: Callable[[], Any] | None = None,
    restore: Callable[[Any], Any] | None = None,
    reseed: Callable[[int], Any] | None = None,
) -> RateRange:
    """Return at which rates a training learns, and from which rate on it diverges.

    A ramp of rising rates finds where the loss explodes, for several seeds, with `steps` updates
    and with twice as many. Short runs at constant rates, each from the state that the training has
    now, then tell the largest stable rate and after which rates the loss is lowest. At the end the
    training and the global random states are as they were, also after an error or Ctrl-C.

    Args:
        training: a training, such as `gl.torch.Training(...)`; or a function `step(rate)` that
            makes one update and returns the loss; or a test that was recorded, for which nothing is
            run: pairs (rate, loss), two arrays, or a `gl.Curve`.
        start: the first rate of the ramp, above 0.
        end: the last rate of the ramp, above `start`. No larger rate is ever tried, but for a few
            updates that shake a run.
        steps: the updates of the ramp, 2 or more.
        scale: whether the rates rise "geometric", by the same factor at each update, or "linear".
        seeds: how many seeds, 1 or more, or a list of them.
        loss: which loss is looked at: that of "training", or of "validation".
        short: the updates of a short run at a constant rate, 4 or more.
        save: where `training` is a function: returns all that an update can change.
        restore: puts back what `save` returned. Without these two a function is run through one
            ramp alone, and what it has changed stays changed.
        reseed: where `training` is a function: draws the order of the data and the like from the
            seed that it is given; by default the global random generators begin anew from it.

    Returns:
        The answer, which is never None: `.rate`, `.interval`, `.limit`, `.readings`, `.curve`,
        `.doubts` and `.plot()`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Smith, 2015, https://arxiv.org/abs/1506.01186, had the first range test; this one differs.

    Example:
        >>> import numpy as np
        >>> weights = np.ones(2)
        >>> def step(rate):
        ...     loss = float(4 * weights @ weights)
        ...     weights[:] -= rate * 8 * weights
        ...     return loss
        >>> def restore(state):
        ...     weights[:] = state
        >>> found = find_rate(step, save=weights.copy, restore=restore)
        >>> found.limit.low < 2 / 8 < found.limit.high  # where gradient descent diverges
        True
        >>> weights
        array([1., 1.])
    """
    one_of(scale, SCALES, "find_rate: `scale`")
    one_of(loss, LOSSES, "find_rate: `loss`")
    start = Number(0, MAX_RATE, above=True).check(start, "find_rate: `start`")
    end = Number(0, MAX_RATE, above=True).check(end, "find_rate: `end`")
    if end <= start:
        raise ScheduleError(f"find_rate: `end` must be above `start`, {start:g}, got {end:g}")
    steps = int(Number(2, MAX_STEP, whole=True).check(steps, "find_rate: `steps`"))
    short = int(Number(4, MAX_STEP, whole=True).check(short, "find_rate: `short`"))
    numbers = _numbers(seeds)
    if (save is None) != (restore is None):
        raise ScheduleError("find_rate: `save` and `restore` must be given together")
    if isinstance(training, Training):
        found = training
    elif not callable(training):
        return from_ramp(recorded(training), doubts.RECORDED)
    elif save is None or restore is None:
        one = ramp(lambda rate: float(training(rate)), rates_of(start, end, steps, scale))
        return from_ramp(one, doubts.ONE_RAMP)
    else:
        found = Functions(training, save, restore, **({"reseed": reseed} if reseed else {}))
    with session(found, loss == "validation") as trial:
        rates = [rates_of(start, end, count, scale) for count in (steps, 2 * steps)]
        return _tried(trial, rates, numbers, short)


def _numbers(seeds: Any) -> list[int]:
    if isinstance(seeds, Sequence) and not isinstance(seeds, str) and seeds:
        rule = Number(0, 2**63, whole=True)
        return [int(rule.check(seed, f"find_rate: `seeds[{i}]`")) for i, seed in enumerate(seeds)]
    if isinstance(seeds, Sequence):
        raise ScheduleError(
            f"find_rate: `seeds` must be a number, or a list of seeds, got {shown(seeds)}"
        )
    return list(range(int(Number(1, 1000, whole=True).check(seeds, "find_rate: `seeds`"))))


def _tried(trial: Session, rates: list[list[float]], seeds: list[int], short: int) -> RateRange:
    """Return what ramps and short runs tell."""
    ramps = [run(trial, rates[0], seed) for seed in seeds]
    longer = [run(trial, rates[1], seed) for seed in seeds]
    alike = len(seeds) > 1 and len({one.losses for one in ramps}) == 1
    curve = _curve(ramps, longer)
    watch = Watch()
    for loss in curve.losses:
        watch.explodes(loss)
    start, end = rates[0][0], rates[0][-1]
    top = end
    if all(one.diverged for one in ramps):
        # the place of the ladder is drawn anew for each training, and always the same for one
        draw = random.Random(repr((seeds, [one.losses[:10] for one in ramps])))
        top = max(one.rates[-1] for one in ramps) / 2 ** draw.random()
    runs = ShortRuns(trial, seeds, short, watch.level, end)
    runs.ladder(max(top, start), start)
    limit = from_brackets([runs.bracket(seed) for seed in seeds], alike)
    interval = around(runs.losses, limit)
    return RateRange(
        rate=middle(interval),
        limit=limit,
        interval=interval,
        readings=readings(curve.rates, curve.losses),
        curve=curve,
        method="short runs",
        short_runs=runs.runs,
        doubts=[
            *doubts.of_curve(curve, limit, start, end),
            *doubts.of_seeds(seeds, alike, limit),
            *doubts.of_lengths(ramps, longer),
            *doubts.of_short_runs(runs),
        ],
    )


def _curve(ramps: list[Ramp], longer: list[Ramp]) -> RateCurve:
    """Return the curve of several ramps: at each rate the median of those that came there."""
    columns = zip_longest(*(one.losses for one in ramps))
    losses = [median([loss for loss in column if loss is not None]) for column in columns]
    rates = max((one.rates for one in ramps), key=len)
    known = [(rate, loss) for rate, loss in zip(rates, losses, strict=True) if loss < math.inf]
    at, finite = [rate for rate, _ in known], [loss for _, loss in known]
    smoothed = smooth(np.array(at), np.array(finite)) if len(at) > 1 else finite
    return RateCurve(rates=at, losses=finite, smoothed=smoothed, ramps=[*ramps, *longer])


def from_ramp(one: Ramp, doubt: str) -> RateRange:
    """Return what one ramp shows alone."""
    curve = _curve([one], [])
    value, low, high = onset(one.rates, one.losses, one.diverged)
    limit = Limit(value=value, low=low, high=high)
    interval = below(limit, one.rates[-1])
    return RateRange(
        rate=middle(interval),
        limit=limit,
        interval=interval,
        readings=readings(curve.rates, curve.losses),
        curve=curve,
        method="ramp",
        doubts=[doubt, *doubts.of_curve(curve, limit, one.rates[0], one.rates[-1])],
    )
