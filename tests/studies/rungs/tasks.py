"""Tasks whose losses are known: what a study of them must find."""

import math
from typing import NamedTuple

import numpy as np

from glissando import Constant
from glissando.studies.candidate import Candidate
from glissando.studies.rungs.decide import decide
from glissando.studies.runs.run import Outcome

SHAPE = Constant(1.0)
"""A run is looked up by its candidate's name: its schedule does not matter."""


class Task(NamedTuple):
    """Losses that are parabolas in log peak, and fall with the length of the run.

    Attributes:
        levels: by the candidate, by how much its loss is above 2 at its best peak.
        peaks: the best peak of each.
        noise: the standard deviation of a run's loss.
        trend: with which power of the length the best peaks go.
        steps: how many updates a full run makes.
        failing: the candidates whose runs all fail.
        limit: the peak above which runs diverge.
    """

    levels: dict[str, float]
    peaks: dict[str, float]
    noise: float = 0.0
    trend: float = 0.0
    steps: int = 900
    failing: tuple[str, ...] = ()
    limit: float = math.inf
    sign: int = 1

    @property
    def candidates(self):
        return [Candidate(name, SHAPE, self.steps) for name in self.levels]

    def loss(self, name, peak, steps):
        """Return the loss without noise; a literal candidate's rates have the peak 1."""
        best = self.peaks[name] * (steps / self.steps) ** self.trend
        away = math.log((1.0 if peak is None else peak) / best)
        return 2.0 + self.levels[name] + 0.05 * away**2 + (self.steps / steps) ** 0.5

    def outcome(self, run):
        if run.candidate in self.failing:
            return Outcome(None, "it raised ValueError")
        if (run.peak or 0.0) > self.limit:
            return Outcome(math.inf)
        drawn = np.random.default_rng([int(run.key, 16) % 2**32, len(run.candidate), run.seed])
        loss = self.loss(run.candidate, run.peak, run.steps) + self.noise * drawn.normal()
        return Outcome(self.sign * loss)


def conducted(settings, task, *, order=None):
    """Conduct a study, and return its stages and its last decision."""
    known, stages = {}, []

    def name(run):
        return run.candidate, run.peak, run.steps, run.seed

    while (decision := decide(settings, lambda run: known.get(name(run)))).stage is not None:
        stages.append(decision.stage)
        runs = list(decision.stage.runs)
        if order is not None:
            order.shuffle(runs)
        assert any(name(run) not in known for run in runs), "it asks for what is made"
        for run in runs:
            known[name(run)] = task.outcome(run)
    return stages, decision


def cost_of(stages, settings):
    """Return what the stages cost, in full runs."""
    return sum(run.steps for stage in stages for run in stage.runs) / settings.steps
