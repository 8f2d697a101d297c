"""Which candidates are certain to be worse: what a rung says of the full run, with intervals."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import variance
from typing import NamedTuple

NORMAL = 1.645
"""How many standard deviations a 90 % interval extends to either side."""

CHANGE = 0.5
"""By how much the difference of two candidates changes while runs become three times as long: a
standard deviation, in those of the candidates' losses in the shortest runs.

From the published grid of a model of 124 million parameters (0.3 to 0.5, without the constant rate)
and from small transformers (0.3 to 0.6; 1.3 with the constant rate, which falls behind):
`make replay` prints them."""

WORTH = 4.0
"""How many changes seen in the study itself count as much as `CHANGE`."""

TYPICAL = 0.0025
"""The noise of a run, as a fraction of its loss, where a study could not measure its own."""


class Interval(NamedTuple):
    """How much worse than the best of its rung a candidate will be at the full length."""

    middle: float
    low: float
    high: float


class Pruned(NamedTuple):
    """A candidate that was left out, and why: by how much it will be worse than the best one.

    Attributes:
        candidate: its name.
        steps: how many updates the runs made that say so.
        expected: how much worse than that one it will end at the full length, at 90 %.
        best: the name of the best candidate of that rung.
        of_best: the same for that one: 0, between low and high.
        for_budget: whether there was no budget for it, although it may be the best.
    """

    candidate: str
    steps: int
    expected: Interval
    best: str
    of_best: Interval
    for_budget: bool = False

    @property
    def words(self) -> str:
        """Why, with both numbers, in a sentence."""
        why = " for want of budget" if self.for_budget else ""
        return (
            f"{self.candidate} was left out after runs of {self.steps:,} updates{why}: it is "
            f"expected to end {self.expected.middle:.3g} worse than {self.best}, 90 % from "
            f"{_written(self.expected)}, where {self.best} itself is from {_written(self.of_best)}"
        )


def _written(interval: Interval) -> str:
    return f"{interval.low:.3g} to {interval.high:.3g}".replace("-", "−")


class Noise(NamedTuple):
    """The standard deviation of a run's loss, without what its seed does to all runs alike.

    Attributes:
        sd: that deviation, in units of the loss.
        freedom: from how many differences it is known; infinite where it is assumed.
    """

    sd: float
    freedom: float = math.inf

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]], losses: Sequence[float]) -> "Noise":
        """Return the noise.

        Args:
            pairs: losses of two runs that differ in their seed, of the same two seeds each.
            losses: the losses of all runs, for their size.
        """
        size = max(map(abs, losses), default=1.0) or 1.0
        differences = [second - first for first, second in pairs]
        if not differences:
            return cls(TYPICAL * size)
        if len(differences) == 1:
            return cls(max(abs(differences[0]) / math.sqrt(2), 1e-9 * size), 1)
        found = math.sqrt(variance(differences) / 2)
        return cls(max(found, 1e-9 * size), len(differences) - 1)

    @property
    def wide(self) -> float:
        """How many of its standard deviations a 90 % interval extends to either side."""
        z, n = NORMAL, self.freedom
        return z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n * n)


class Levels(NamedTuple):
    """The losses of candidates at a rung, each at its best peak.

    Attributes:
        steps: how many updates the runs made.
        losses: the losses by the candidates' names.
        errors: their standard deviations, in those of a run.
    """

    steps: int
    losses: Mapping[str, float]
    errors: Mapping[str, float]

    @property
    def best(self) -> str:
        """The name of the best candidate; the first of several."""
        return min(self.losses, key=lambda name: self.losses[name])

    @property
    def order(self) -> list[str]:
        """The names from the best on."""
        return sorted(self.losses, key=lambda name: self.losses[name])


def change_of(rungs: Sequence[Levels]) -> float:
    """Return how much differences change while runs become three times as long, in the loss.

    `CHANGE` says so at first; what changed from rung to rung of the study itself counts more and
    more. Changes add up as those of a random walk in the logarithm of the length.
    """
    spread = _spread(list(rungs[0].losses.values()))
    squares, count = WORTH * (CHANGE * spread) ** 2, WORTH
    for before, after in pairwise(rungs):
        both = [name for name in after.losses if name in before.losses]
        if len(both) > 1:
            moved = [after.losses[name] - before.losses[name] for name in both]
            squares += (len(both) - 1) * variance(moved) / times_three(after.steps / before.steps)
            count += len(both) - 1
    return math.sqrt(squares / count)


def times_three(ratio: float) -> float:
    """Return how often a length must be made three times as long to be so many times as long."""
    return math.log(ratio) / math.log(3.0)


def _spread(losses: Sequence[float]) -> float:
    return math.sqrt(variance(losses)) if len(losses) > 1 else 0.0


def intervals(rungs: Sequence[Levels], full: int, noise: Noise) -> dict[str, Interval]:
    """Return where candidates will end at the full length, above the best of the last rung.

    The difference at the full length is that of the rung, give or take the noise of the rung's
    runs and the change until then: two independent errors, whose 90 % intervals add in squares.
    """
    rung = rungs[-1]
    best = rung.losses[rung.best]
    changed = NORMAL * change_of(rungs) * math.sqrt(times_three(full / rung.steps))
    found = {}
    for name, loss in rung.losses.items():
        half = math.hypot(noise.wide * noise.sd * rung.errors[name], changed)
        found[name] = Interval(loss - best, loss - best - half, loss - best + half)
    return found


def left_out(rungs: Sequence[Levels], full: int, noise: Noise) -> list[Pruned]:
    """Return the candidates whose interval lies wholly above that of the best."""
    expected, rung = intervals(rungs, full, noise), rungs[-1]
    of_best = expected[rung.best]
    return [
        Pruned(name, rung.steps, interval, rung.best, of_best)
        for name, interval in expected.items()
        if interval.low > of_best.high
    ]


def without_budget(
    rungs: Sequence[Levels], full: int, noise: Noise, names: Sequence[str]
) -> list[Pruned]:
    """Return candidates as left out for want of budget."""
    expected, rung = intervals(rungs, full, noise), rungs[-1]
    return [
        Pruned(name, rung.steps, expected[name], rung.best, expected[rung.best], for_budget=True)
        for name in names
    ]
