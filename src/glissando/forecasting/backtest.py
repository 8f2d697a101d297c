"""How well each law foretells what is known: the ends of pilots, and pilots it has not seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glissando.forecasting.fit import decays_from, fit
from glissando.forecasting.history import Array
from glissando.forecasting.laws import LAWS, Law, Prior
from glissando.logs.curve import Curve

KEPT_BACK = 0.3
"""The last fraction of each pilot that is foretold from what comes before."""

FEWEST = 3
"""How many losses of its own a run must have left to be fitted."""

STARTS = 4
"""From how many starts a law is fitted to a part of the pilots."""

EVIDENCE = {
    "kernel": 0.0015,
    "convex_kernel": 0.003,
    "multi_power": 0.0035,
    "annealing": 0.006,
    "bound": 0.012,
}
"""The mean error of each law on published runs of language models, as a fraction of the loss."""


class BackTest(NamedTuple):
    """What a law foretold, and what came.

    `errors` are relative: the foretold loss over the one that came, less 1; `weight` is the law's
    part in a forecast.
    """

    law: str
    errors: tuple[float, ...]
    weight: float

    @property
    def error(self) -> float:
        """The root of the mean squared error."""
        return float(np.sqrt(np.mean(np.square(self.errors)))) if self.errors else 0.0


def back_tests(
    laws: Sequence[str],
    curves: Sequence[Curve],
    priors: Mapping[str, Mapping[str, Prior]],
    progress: Callable[[], object],
) -> list[BackTest]:
    """Return the back-tests of laws on the pilots of one peak, with their weights."""
    splits = list(_splits(curves))
    errors = {}
    for name in laws:
        errors[name] = [error for split in splits for error in _errors(name, split, priors)]
        progress()
    squares = {
        name: EVIDENCE[name] ** 2 + float(np.mean(np.square(found or [0.0])))
        for name, found in errors.items()
    }
    total = sum(1.0 / square for square in squares.values())
    return [
        BackTest(name, tuple(found), 1.0 / squares[name] / total) for name, found in errors.items()
    ]


class _Split(NamedTuple):
    seen: list[Curve]
    kept_back: list[Curve]


def _splits(curves: Sequence[Curve]) -> Iterator[_Split]:
    """Yield what is fitted and foretold: the ends of all, then each branch by the others."""
    first, last = [], []
    for curve in curves:
        cut = _cut(curve)
        if sum((curve.branched_at or 0) < step <= cut for step in curve.steps) >= FEWEST:
            first.append(curve.until(cut))
            last.append(curve)
    if first:
        yield _Split(first, last)
    branches = [curve for curve in curves if 0 < (curve.branched_at or 0) < curve.steps[-1]]
    for branch in branches:
        others = [curve for curve in curves if curve is not branch]
        if len(branches) > 1:
            yield _Split(others, [branch])


def _cut(curve: Curve) -> int:
    """Return where the last fraction begins of what a pilot has of its own, and of its decay."""
    end = curve.steps[-1]
    begin = max(curve.branched_at or 0, decays_from(curve))
    return int(end - KEPT_BACK * (end - begin))


def _errors(name: str, split: _Split, priors: Mapping[str, Mapping[str, Prior]]) -> Iterator[float]:
    law: Law = fit(LAWS[name], split.seen, priors.get(name), STARTS).law
    for curve in split.kept_back:
        steps = np.array([step for step in curve.steps if step > _cut(curve)])
        losses: Array = np.array(curve.losses)[-len(steps) :]
        found = law.losses(law.history(curve.schedule, steps))
        yield float(np.median(found / losses) - 1.0)
        yield float(found[-1] / losses[-1] - 1.0)
