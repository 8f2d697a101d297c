"""fastai 2.8.12: its schedules by their names.

They are functions of the elapsed fraction of training: `steps` is the number of updates in all,
update k has the fraction k / `steps`, and the end itself is never trained. fastai counts in float32
where it combines schedules; here the fractions are exact, but a phase begins at the very update at
which it does there. With a `slice` of learning rates it trains each group of parameters at its
own: the schedule here is that of the last group, the others are a factor below.
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

from glissando.combinators import Chain
from glissando.dialects.shared.curves import later
from glissando.dialects.shared.declare import NotRepresentable, dialect
from glissando.dialects.shared.float32 import single
from glissando.dialects.shared.hyperparameters import Hyperparameters
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, CosineTable, Linear, LogLinear, Polynomial, Table
from glissando.rules import RATE, Many, Number, Positive, Power, Rate, Share, Steps
from glissando.schedule import Children, Schedule

Shares = Annotated[Sequence[float], Many(Number(-math.inf, math.inf), "a list of fractions")]
Momenta = Annotated[Sequence[float], Many(RATE, "three momenta")]


@dialect
def SchedNo(start: Rate, end: Rate, *, steps: Steps) -> Schedule:
    """The first rate for ever; the second is not used."""
    del end
    return Constant(start, steps)


@dialect
def SchedLin(start: Rate, end: Rate, *, steps: Steps) -> Schedule:
    """A straight line."""
    return Linear(start, end, steps)


@dialect
def SchedCos(start: Rate, end: Rate, *, steps: Steps) -> Schedule:
    """Half a cosine wave."""
    return Cosine(start, end, steps)


@dialect
def SchedExp(start: Rate, end: Rate, *, steps: Steps) -> Schedule:
    """From one rate to the other by equal factors, up or down; neither can be 0."""
    if start >= end:
        return LogLinear(start, end, steps)
    return LogLinear(end, start, steps).reverse()


@dialect
def SchedPoly(start: Rate, end: Rate, power: Power, *, steps: Steps) -> Schedule:
    """A power of the elapsed fraction, where others take the remaining one."""
    return Polynomial(end, start, steps, power).reverse()


@dialect
def combine_scheds(pcts: Shares, scheds: Children, *, steps: Steps) -> Schedule:
    """Schedules one after another, each over its fraction of training, however long it was.

    Where a phase ends between two updates, only lines, cosines and constants can be cut there.
    """
    if sum(pcts) != 1 or min(pcts, default=0) < 0 or len(scheds) != len(pcts):
        raise ScheduleError(
            "`pcts` must be a fraction of 0 or more for each of `scheds`, 1.0 in all, "
            f"got {shown(list(pcts))} for {len(scheds)}"
        )
    total, sums = 0.0, [0.0]
    for fraction in pcts:
        total = single(total + single(fraction))  # as fastai adds them up
        sums.append(total)
    parts: list[Schedule] = []
    for (low, high), part in zip(pairwise(sums), scheds, strict=True):
        first, last = _first(low, steps), _first(high, steps) if part is not scheds[-1] else steps
        if last > first:
            phase = _phase(part, low * steps, high * steps)
            parts.append(later(phase, first).cut(last - first))
    return Chain(parts)


@dialect
def combined_cos(pct: Share, start: Rate, middle: Rate, end: Rate, *, steps: Steps) -> Schedule:
    """Two cosines, the first over the fraction `pct`."""
    if pct in (0, 1):
        return Cosine(*((start, middle) if pct else (middle, end)), steps)
    return CosineTable([start, middle, end], [0, single(pct) * steps, steps])


@dialect
def fit_one_cycle(
    n_epoch: Steps,
    lr_max: Rate,
    div: Positive = 25.0,
    div_final: Positive = 1e5,
    pct_start: Share = 0.25,
    moms: Momenta = (0.95, 0.85, 0.95),
    *,
    steps_per_epoch: Steps,
    of: Literal["lr", "mom"] | None = None,
) -> Schedule | Hyperparameters:
    """1cycle by two cosines, of the learning rate and the momentum; both divisors are of the peak.

    It gives both by name, for an adapter to set, and one of them alone with `of="lr"` or
    `of="mom"`. It is not Smith's: no lines, and no third phase.
    """
    if len(moms) != 3:
        raise ScheduleError(f"`moms` must be three momenta, got {shown(moms)}")
    rates = (lr_max / div, lr_max, lr_max / div_final)
    rate = combined_cos(pct_start, *rates, steps=n_epoch * steps_per_epoch)
    if of == "lr":
        return rate
    momentum = combined_cos(pct_start, *moms, steps=n_epoch * steps_per_epoch)
    return momentum if of == "mom" else Hyperparameters({"lr": rate, "momentum": momentum})


@dialect
def fit_flat_cos(
    n_epoch: Steps,
    lr: Rate,
    div_final: Positive = 1e5,
    pct_start: Share = 0.75,
    *,
    steps_per_epoch: Steps,
) -> Schedule:
    """One rate, and then a cosine down."""
    return combined_cos(pct_start, lr, lr, lr / div_final, steps=n_epoch * steps_per_epoch)


@dialect
def fit_sgdr(
    n_cycles: Steps,
    cycle_len: Steps,
    lr_max: Rate,
    cycle_mult: Annotated[int, Number(2, 1000, whole=True)] = 2,
    *,
    steps_per_epoch: Steps,
) -> Schedule:
    """Cosines to 0, each `cycle_mult` times as long as the one before.

    fastai refuses cycles whose fractions of training do not add up to 1 in floating point, and may
    begin one an update late, as it counts in float32: as in fastai 2.8.12.
    """
    epochs = cycle_len * (cycle_mult**n_cycles - 1) // (cycle_mult - 1)
    pcts = [cycle_len * cycle_mult**i / epochs for i in range(n_cycles)]
    cycles = [SchedCos(lr_max, 0.0, steps=1) for _ in pcts]
    return combine_scheds(pcts, cycles, steps=epochs * steps_per_epoch)


@dialect
def fine_tune(
    epochs: Steps,
    base_lr: Rate = 2e-3,
    freeze_epochs: Steps = 1,
    lr_mult: Positive = 100,
    pct_start: Share = 0.3,
    div: Positive = 5.0,
    div_final: Positive = 1e5,
    *,
    steps_per_epoch: Steps,
    of: Literal["lr", "mom"] | None = None,
) -> Schedule | Hyperparameters:
    """One `fit_one_cycle` of the head, and one of all at half the rate.

    The rate is the head's; the first group of the second fit has it divided by `lr_mult`. It comes
    with the momentum, and alone with `of="lr"`.
    """
    del lr_mult

    fit: Any = partial(fit_one_cycle, div_final=div_final, steps_per_epoch=steps_per_epoch)

    def both(of: str) -> Any:
        head = fit(freeze_epochs, base_lr, pct_start=0.99, of=of)
        return head >> fit(epochs, base_lr / 2, div, pct_start=pct_start, of=of)

    alone: Schedule = both(of or "lr")
    if of is not None:
        return alone
    return Hyperparameters({"lr": alone, "momentum": both("mom")})


@dialect
def LRFinder(start_lr: Rate = 1e-7, end_lr: Rate = 10, num_it: Steps = 100) -> Schedule:
    """Up by equal factors in `num_it` updates, 6 or more, of which the last is not trained."""
    return SchedExp(start_lr, end_lr, steps=max(num_it, 6))


def _first(fraction: float, steps: int) -> int:
    """Return the first update at which float32 has reached a fraction of training."""
    step = max(0, int(fraction * steps) - 1)
    while single(step / steps) < fraction:
        step += 1
    return step


def _phase(part: Schedule, begin: float, end: float) -> Schedule:
    """Return a schedule over a stretch of training that may end between two updates."""
    if isinstance(part, Constant):
        return Constant(part.value)
    if isinstance(part, Linear):
        return Table([part.start, part.end], [begin, end])
    if isinstance(part, Cosine):
        return CosineTable([part.start, part.end], [begin, end])
    first, last = round(begin), round(end)
    if abs(first - begin) > 1e-6 * end or abs(last - end) > 1e-6 * end:
        raise NotRepresentable(f"a phase of {part} ends between two updates")
    return Constant(0.0, first) >> part.stretch(last - first)
