"""Curves that several frameworks have, and how they begin later or end sooner."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from glissando.dialects.shared.declare import NotRepresentable
from glissando.families import (
    Constant,
    Geometric,
    Linear,
    Piecewise,
    Staircase,
    Table,
    schedule,
)
from glissando.rules import MAX_STEP
from glissando.schedule import Schedule


def by_updates(amounts: Schedule, increment: int) -> Schedule:
    """Return a schedule over samples or tokens as one over updates, each of `increment` of them."""
    if increment == 1 or amounts.steps == 0:
        return amounts
    if amounts.steps == math.inf:
        updates = MAX_STEP // increment
        return amounts.take(updates * increment).stretch(updates)
    updates = -(-int(amounts.steps) // increment)
    whole = amounts >> Constant(amounts.final(), updates * increment - int(amounts.steps))
    return whole.stretch(updates)


def later(schedule: Schedule, steps: int) -> Schedule:
    """Return a schedule from a step on, which may be 0, or past its end, where the end holds."""
    if steps == 0:
        return schedule
    return schedule.drop(steps) if steps < schedule.steps else Constant(schedule.final())


def until(schedule: Schedule, last: int) -> Schedule:
    """Return a schedule that raises after a step, as its peer does."""
    if last == 0:
        raise NotRepresentable("it has one step, and stops at the next")
    return schedule.take(last).strict()


def stepped(rate: float, milestones: Sequence[int], gamma: float) -> Schedule:
    """Return a rate times `gamma` at each milestone, which already has the new one; in any order.

    A milestone that is there twice counts twice; one at step 0 lowers the first rate.
    """
    steps = sorted({step for step in milestones if step})
    passed = [sum(m <= step for m in milestones) for step in (0, *steps)]
    return Piecewise([rate * gamma**n for n in passed], steps)


def sampled(rate: Callable[[int], float], steps: int) -> Schedule:
    """Return a curve that no family has as its rates at steps 0 to `steps`, with lines between."""
    knots = [*range(steps + 1)]
    return Table([rate(step) for step in knots], knots)


def exponential(lr: float, ratio: float, every: int = 1) -> Schedule:
    """Return a rate times `ratio` for every so many steps, smoothly; 0 has an effect from step 1.

    A growth takes a function, which cannot be saved.
    """
    if ratio == 0:
        return Piecewise([lr, 0.0], [1])
    if ratio > 1:
        return schedule(lambda step: lr * ratio ** (step / every))
    return Geometric(lr, ratio, every)


def staircase(lr: float, ratio: float, every: float) -> Schedule:
    """Return a rate times `ratio` after every so many steps, which need not be whole.

    A growth, or a length that is near no fraction, takes a function, which cannot be saved.
    """
    if ratio == 1:
        return Constant(lr)
    if ratio == 0:
        return Piecewise([lr, 0.0], [math.ceil(every)])
    if ratio < 1 and every == int(every):
        return Staircase(lr, ratio, int(every))
    exact = Fraction(every)
    near = exact.limit_denominator(1000)
    steps, count = near.numerator, near.denominator
    if ratio > 1 or abs(exact - near) > exact * 2**-52 or ratio**count == 0:
        return schedule(lambda step: lr * ratio ** (step // every))
    # stair n begins at the first step at or after n times `every`, whose float may be just above
    above = exact > near
    begins = [math.floor(n * near) if above else math.ceil(n * near) for n in range(1, count)]
    pattern = stepped(lr, [step for step in begins if step < steps], ratio)
    whole = pattern.take(steps).repeat(scale=ratio**count)
    return Constant(lr, 1) >> whole if above else whole


def risen(schedule: Schedule, steps: int, start: float = 0.0) -> Schedule:
    """Return a schedule that a line comes up to which moves with it: its share grows step by step.

    Args:
        schedule: the schedule.
        steps: how long the line is.
        start: where it begins; its share falls.
    """
    if steps == 0:
        return schedule
    whole = schedule * (Linear(0.0, 1.0, steps) >> Constant(1.0))
    return whole + Linear(start, 0.0, steps) if start else whole
