"""Cycles one after another: of lengths that grow or shrink, or that end between two steps."""

import math
from collections.abc import Callable, Iterable, Iterator
from decimal import Context, Decimal, localcontext
from typing import Any, NamedTuple

from glissando.combinators import Chain, Flip
from glissando.dialects.shared.curves import sampled, until
from glissando.dialects.shared.declare import NotRepresentable
from glissando.errors import one_of
from glissando.families import Constant, Cosine, CosineTable, Geometric, Linear, schedule
from glissando.rules import MAX_RATE, MAX_STEP
from glissando.schedule import Schedule

MOST = 10_000
"""The most different cycles that become a chain: nobody could read more of them."""
TOO_MANY = f"it has more than {MOST:,} different cycles"

LONGEST = 100_000
"""The steps of a cycle without a family up to which its rates are kept, so that it can be saved."""

DIGITS = Context(prec=80)
"""How exactly times between two steps are counted."""


def in_turn(cycles: Iterable[Schedule]) -> Schedule:
    """Return cycles one after another, as many as there are or as there are steps for."""
    parts: list[Schedule] = []
    steps = 0.0
    for cycle in cycles:
        if len(parts) == MOST:
            raise NotRepresentable(TOO_MANY)
        parts.append(cycle)
        steps += cycle.steps
        if steps > MAX_STEP:
            break
    return parts[0] if len(parts) == 1 else Chain(parts)


def until_none(cycles: Iterable[Schedule]) -> Schedule:
    """Return cycles one after another; it raises where there are no more, as the peer does."""
    whole = in_turn(cycles)
    return whole if whole.steps > MAX_STEP else until(whole, int(whole.steps) - 1)


def cosine_restarts(top: float, floor: float, first: int, growth: float) -> Schedule:
    """Return cosines, each `growth` times as long as the one before, cut to a whole length.

    They end where their length comes to 0.
    """

    def cycles() -> Iterator[Schedule]:
        length = first
        while length:
            cycle = Cosine(top, floor, length)
            longer = min(int(growth * length), MAX_STEP)
            yield cycle.repeat() if longer == length < MAX_STEP else cycle
            length = longer

    return in_turn(cycles())


def triangles(
    base: float,
    peak: float,
    up: int,
    down: int,
    mode: str,
    gamma: float,
    scale_fn: Callable[[Any], Any] | None,
    scale_mode: str,
) -> Schedule:
    """Return the curve of PyTorch's and Paddle's `CyclicLR`, whose peak may be below its base.

    Peaks that grow, or that a function scales, take a function, which cannot be saved.
    """

    def triangle(low: float, high: float) -> Schedule:
        return Linear(low, high, up) >> Linear(high, low, down)

    def from_base(way: Schedule) -> Schedule:
        return way + base if peak >= base else Flip(way, base)

    if scale_fn is None:
        one_of(mode, ("triangular", "triangular2", "exp_range"), "`mode`")
        if mode == "triangular" or (mode == "exp_range" and gamma == 1):
            return triangle(base, peak).repeat()
        if mode == "exp_range" and gamma == 0:
            return Constant(base)
        once = triangle(0.0, abs(peak - base))
        if mode == "triangular2":
            return from_base(once.repeat(scale=0.5))
        if gamma < 1:
            return from_base(once.repeat() * Geometric(1.0, gamma))
    shape = triangle(0.0, 1.0).repeat()

    def scale(step: float) -> float:
        if scale_fn is None:
            return float(gamma**step)
        return float(scale_fn(step // (up + down) + 1 if scale_mode == "cycle" else step))

    return schedule(lambda step: base + (peak - base) * shape(step) * scale(step))


def damped(
    cycle: Callable[[float, float], Schedule], peak: float, floor: float, gamma: float
) -> Schedule:
    """Return a cycle over and over, each time with `gamma` times the last peak, to one floor.

    Args:
        cycle: gives the cycle by its peak and its floor, in which it has to be linear.
        peak: the peak of the first.
        floor: the floor of all.
        gamma: above 0; above 1, where the peaks grow, it takes a function, which cannot be saved.
    """
    if gamma == 1:
        return cycle(peak, floor).repeat()
    above = cycle(peak, 0.0).repeat(scale=min(gamma, 1.0))
    if gamma > 1:
        length = int(cycle(peak, 0.0).steps)
        above = above * schedule(lambda step: gamma ** (step // length))
    return above + cycle(0.0, floor).repeat() if floor else above


def height(first: float, growth: float, number: int) -> float:
    """Return how high a cycle is, of which each is `growth` times as high as the one before."""
    try:
        found = first * growth**number
    except OverflowError:
        found = math.inf
    if found > MAX_RATE:
        raise NotRepresentable("its peaks grow without bound")
    return found


class Place(NamedTuple):
    """Where a cycle lies that may begin and end between two steps.

    Args:
        number: how many are before it.
        steps: the whole steps in it.
        late: how long it has lasted at the first of them.
        length: how long it is.
    """

    number: int
    steps: int
    late: Decimal
    length: Decimal

    @property
    def whole(self) -> bool:
        """Whether it begins and ends at whole steps."""
        return self.late == 0 and self.length == self.steps

    def cosine(self, top: float, floor: float) -> Schedule:
        """Return half a cosine wave that lies here."""
        if self.whole:
            return Cosine(top, floor, self.steps)
        shift = math.ceil(self.late)
        with localcontext(DIGITS):
            knots = [float(shift - self.late), float(shift - self.late + self.length)]
        wave = CosineTable([top, floor], knots)
        part = wave.drop(shift)
        return part if part.steps == self.steps else part.take(self.steps)


def places(
    first: int, growth: float, *, limit: int | None = None, seen: float | None = None
) -> list[Place]:
    """Return where cycles lie that have whole steps, each `growth` times as long as the one before.

    Args:
        first: the length of the first.
        growth: how many times longer each is; shrinking ones end at some step.
        limit: how many there are; by default as many as there are steps for.
        seen: the growth as the peer's float32 has it, if that says how far a cycle has come.
    """
    found = []
    with localcontext(DIGITS):
        exact = Decimal(repr(growth))
        near = exact if seen is None else Decimal(seen)
        begin, length = Decimal(0), Decimal(first)
        past, width = begin, length  # the same as the peer's float32 has it
        end = _first_step(length / (1 - exact)) if growth < 1 else MAX_STEP
        number = 0
        while number != limit and (start := _first_step(begin)) < end:
            if number == MOST:
                raise NotRepresentable(TOO_MANY)
            if steps := _first_step(begin + length) - start:
                found.append(Place(number, steps, max(start - past, Decimal(0)), width))
            begin, length = begin + length, min(length * exact, Decimal(MAX_STEP))
            past, width = past + width, min(width * near, Decimal(MAX_STEP))
            number += 1
    return found


def _first_step(time: Decimal) -> int:
    """Return the first whole step at or after a number of 80 digits, whose last are rounded."""
    nearest = round(time)
    return nearest if abs(time - nearest) < Decimal("1e-30") else math.ceil(time)


class Cycles(NamedTuple):
    """The cycles of timm's cosine, tanh and polynomial.

    Args:
        whole: gives a cycle of whole steps by its top, its floor and its length; None if no family
            has the curve.
        remaining: the same as the fraction of the height that remains, by the elapsed fraction.
        lr: the first top.
        floor: where each cycle goes, and what holds after the last.
        first: the length of the first.
        growth: how many times longer each is than the one before.
        decay: how many times higher its top is.
        limit: how many there are.
    """

    whole: Callable[[float, float, int], Schedule] | None
    remaining: Callable[[float], float]
    lr: float
    floor: float
    first: int
    growth: float
    decay: float
    limit: int

    def last(self) -> int | None:
        """Return the step after which shrinking cycles have all ended, where timm raises."""
        if self.growth >= 1:
            return None
        last = int(self.first / (1 - self.growth)) + 1
        while 1 - last / self.first * (1 - self.growth) <= 0:  # as timm has it
            last -= 1
        return last

    def cycles(self) -> Schedule:
        """Return the cycles, and then the floor for ever."""
        end = Constant(self.floor)
        if not self.limit:
            return end
        if self.growth != 1:
            lie = places(self.first, self.growth, limit=self.limit)
            whole: Schedule = Chain([self.at(p, self.top(p.number), self.floor) for p in lie])
        elif self.limit == 1:
            whole = self.of_first_length(self.lr, self.floor)
        elif self.decay == 1:
            whole = self.of_first_length(self.lr, self.floor).repeat(self.limit)
        elif 0 < self.decay < 1:
            whole = damped(self.of_first_length, self.lr, self.floor, self.decay)
            whole = whole.take(min(self.limit * self.first, MAX_STEP))
        else:
            tops = map(self.top, range(self.limit))
            whole = in_turn(self.of_first_length(top, self.floor) for top in tops)
        return whole if whole.final() == self.floor else whole >> end

    def top(self, number: int) -> float:
        """Return the top of a cycle."""
        return height(self.lr, self.decay, number)

    def of_first_length(self, top: float, floor: float) -> Schedule:
        """Return a cycle as long as the first."""
        return self.at(Place(0, self.first, Decimal(0), Decimal(self.first)), top, floor)

    def at(self, place: Place, top: float, floor: float) -> Schedule:
        """Return a cycle at its place."""
        if self.whole is Cosine:
            return place.cosine(top, floor)
        if self.whole and place.whole:
            return self.whole(top, floor, place.steps)
        late, length = float(place.late), float(place.length)

        def rate(step: float) -> float:
            return floor + (top - floor) * self.remaining(min((step + late) / length, 1.0))

        steps = place.steps
        return sampled(rate, steps) if steps <= LONGEST else schedule(rate, steps=steps)
