"""The shapes that a piece of a curve may have, and the schedule that each is."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from glissando import families as f
from glissando.schedule import Schedule

Array = Any

FALLS = (1.0, 0.95, 0.75, 0.5, 0.2, 0.02)
"""What is tried first for one over where a fall ends, as a fraction of the rows that show it."""


class Shape(NamedTuple):
    """How a piece of a curve goes from its start to its end.

    On the scale `out` it is a sum of `columns`, linear in its coefficients, of time and at most one
    number that bends it; joined to others it is `out(start) + (out(end) − out(start)) · progress`.

    Attributes:
        name: the tag of its family.
        unknowns: how many numbers make a piece of it, its place in time aside.
        progress: from 0 to 1 as time does.
        build: makes the schedule of a start, an end and a number of steps.
        columns: the columns at times from 0 to 1, and the derivative by the number that bends it.
        bends: what to try first for that number; none for a shape that has none.
        bounds: between what it lies.
        out: the scale on which it is linear, and its inverse.
        back: the inverse.
        bounded: whether its end is a place in time that its rates tell.
    """

    name: str
    unknowns: int
    progress: Callable[[Array], Array]
    build: Callable[[float, float, int], Schedule]
    columns: Callable[[Array, float], tuple[list[Array], list[Array]]]
    bends: tuple[float, ...] = ()
    bounds: tuple[float, float] = (-math.inf, math.inf)
    out: Callable[[Array], Array] = lambda rate: rate
    back: Callable[[Array], Array] = lambda value: value
    bounded: bool = False
    positive: bool = False


def _flat(u: Array, _bend: float) -> tuple[list[Array], list[Array]]:
    return [np.ones_like(u)], []


def _line(u: Array, _bend: float) -> tuple[list[Array], list[Array]]:
    return [np.ones_like(u), u], []


def _power(power: float) -> Callable[[Array, float], tuple[list[Array], list[Array]]]:
    """Return the columns of a power of what remains; the bend is one over where that ends."""

    def columns(u: Array, bend: float) -> tuple[list[Array], list[Array]]:
        left = np.maximum(1 - bend * u, 1e-15)
        one = np.ones_like(u)
        moved = np.expm1(power * np.log(left)) / bend
        return [one, moved], [0 * one, (-power * u * left ** (power - 1) - moved) / bend]

    return columns


def _root(u: Array, bend: float) -> tuple[list[Array], list[Array]]:
    passed = np.sqrt(np.maximum(u - bend, 0.0))
    one = np.ones_like(u)
    return [one, passed], [0 * one, -0.5 / np.maximum(passed, 1e-6)]


def _wave(u: Array, bend: float) -> tuple[list[Array], list[Array]]:
    cos, sin = np.cos(bend * u), np.sin(bend * u)
    one = np.ones_like(u)
    rise, bow = sin / bend, 2 * (np.sin(bend * u / 2) / bend) ** 2  # stable for small bends
    return [one, rise, bow], [0 * one, (u * cos - rise) / bend, (u * rise - 2 * bow) / bend]


def _polynomial(power: float) -> Shape:
    def build(start: float, end: float, steps: int) -> Schedule:
        return f.Polynomial(start, end, steps, power)

    return Shape(
        f"polynomial({power:g})",
        4,
        lambda x: 1 - np.maximum(1 - x, 0) ** power,
        build,
        _power(power),
        FALLS,
        (1e-4, 1.0),
        bounded=True,
    )


def _rex(u: Array, bend: float) -> tuple[list[Array], list[Array]]:
    left = np.minimum(bend * u, 1.0)
    one = np.ones_like(u)
    return [one, left / bend / (2 - left)], [0 * one, (left / bend / (2 - left)) ** 2]


def _log_linear(start: float, end: float, steps: int) -> Schedule:
    if end <= start:
        return f.LogLinear(start, end, steps)
    return f.LogLinear(end, start, steps).reverse()


def _inverse_sqrt(start: float, end: float, steps: int) -> Schedule:
    return f.InverseSqrt(start, steps / ((start / end) ** 2 - 1)).take(steps)


def _inverse_time(start: float, end: float, steps: int) -> Schedule:
    return f.InverseTime(start, (start / end - 1) / steps).take(steps)


def _mapped(name: str, build: Any, out: Any, back: Any) -> Shape:
    return Shape(name, 3, lambda x: x, build, _line, out=out, back=back, positive=True)


CONSTANT = Shape(
    "constant", 1, lambda x: 0 * x, lambda start, _end, steps: f.Constant(start, steps), _flat
)
LINEAR = Shape("linear", 2, lambda x: x, f.Linear, _line)
COSINE = Shape(
    "cosine",
    4,
    lambda x: (1 - np.cos(np.pi * x)) / 2,
    f.Cosine,
    _wave,
    tuple(math.pi * part for part in (1.0, 0.9, 0.75, 0.55, 0.35, 0.15, 0.02)),
    (1e-4, math.pi * 1.02),
    bounded=True,
)
SQRT = Shape(
    "sqrt",
    4,
    lambda x: np.sqrt(np.maximum(x, 0)),
    f.Sqrt,
    _root,
    (0.0, -0.02, -0.1, -0.5, -1.5, -20.0),
    (-500.0, 0.0),
    bounded=True,
)
EXPONENTIAL = _mapped("exponential", _log_linear, np.log, np.exp)
INVERSE_SQRT = _mapped("inverse_sqrt", _inverse_sqrt, lambda y: y**-2.0, lambda z: z**-0.5)
INVERSE_TIME = _mapped("inverse_time", _inverse_time, lambda y: 1 / y, lambda z: 1 / z)

SHAPES = (
    CONSTANT,
    LINEAR,
    EXPONENTIAL,
    INVERSE_SQRT,
    INVERSE_TIME,
    COSINE,
    SQRT,
    *(_polynomial(power) for power in (2.0, 0.5, 3.0)),
)
"""The shapes that are tried first, the simplest first."""

REX = Shape(
    "rex",
    4,
    lambda x: x / (2 - np.minimum(x, 1)),
    f.Rex,
    _rex,
    FALLS,
    (1e-4, 1.0),
    bounded=True,
)

RARE = (REX, *(_polynomial(power) for power in (0.9, 1.5, 4.0)))
"""Shapes that are tried where the others make no simple expression, and cost more."""

ALL = (*SHAPES, *(shape._replace(unknowns=shape.unknowns + 2) for shape in RARE))
