"""The truth: what the best of the full grid reach with seeds with which nobody searched."""

from statistics import fmean, stdev, variance
from typing import NamedTuple

from bench.contest.field import Field, Loss
from glissando.studies.runs.run import Run

SEEDS = range(1001, 1006)
TOP = 6
"""How many of the best of the grid are trained with these seeds."""


class Regret(NamedTuple):
    """By how much a choice ends above the best of the grid, and the standard error of that."""

    value: float
    error: float


class Truth:
    """Means over seeds, and how far one run is from such a mean.

    Args:
        field: what is chosen from.
        loss: trains a run unless that was done.
        seeds: with which seeds.
    """

    def __init__(self, field: Field, loss: Loss, seeds: range = SEEDS) -> None:
        self.field, self.loss, self.seeds = field, loss, seeds
        self.top = sorted(sorted(field.runs(), key=loss)[:TOP], key=self.mean)

    @property
    def best(self) -> Run:
        """The best of the full grid."""
        return self.top[0]

    @property
    def floor(self) -> float:
        """The noise floor: the standard deviation of one run, over seeds, of the best six."""
        return float(fmean(variance(self.losses(run)) for run in self.top) ** 0.5)

    def losses(self, run: Run) -> list[float]:
        """Return the losses of a run with all seeds."""
        return [self.loss(run.replace(seed=seed)) for seed in self.seeds]

    def mean(self, run: Run) -> float:
        """Return the mean loss of a run over the seeds."""
        return fmean(self.losses(run))

    def regret(self, run: Run) -> Regret:
        """Return by how much a run ends above the best, in pairs of the same seed."""
        pairs = zip(self.losses(run), self.losses(self.best), strict=True)
        apart = [one - best for one, best in pairs]
        return Regret(fmean(apart), stdev(apart) / len(apart) ** 0.5)
