"""A law fitted to runs: robust least squares from several starts, with what is known before."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares, nnls

from glissando.forecasting.history import Array, sampled
from glissando.forecasting.laws import Law, Prior
from glissando.logs.curve import Curve

STARTS = 8
"""From how many starts a law is fitted: the answer of one is not stable."""

POINTS = 40
"""How many losses of a run are fitted at most."""

EARLY, EARLIEST = 0.2, 0.03
"""Losses before the first fraction of a run are fitted only where the law of the later ones holds
for them, too, and those before the second are not: early training has no law."""

HOLDS = 4.0
"""How far from the law an early loss may be, in units of the noise."""

SMALLEST_NOISE = 5e-4
"""What the losses are known to at best, as a fraction of them."""

FARTHEST = 12.0
"""How far the logarithm of a parameter may move from where its search starts."""

SLOWEST = 0.1
"""The slowest forgetting, per unit of summed rates; the fastest takes one step."""

BRIEF, LONG = 15, 60
"""How many evaluations each start has, and the best of them."""


class Fit(NamedTuple):
    """A fitted law.

    `spread` is the covariance of `vector`: the level, and the logarithms of the other parameters.
    `noise` is the standard deviation of the losses about the law.
    """

    law: Law
    vector: Array
    spread: Array
    scale: float
    noise: float
    cost: float


def fit(
    law: type[Law],
    curves: Sequence[Curve],
    priors: Mapping[str, Prior] | None = None,
    starts: int = STARTS,
) -> Fit:
    """Return a law fitted to runs, all of one model.

    The residuals are weighted so that each run counts the same, and are robust (Huber); what is
    known of a parameter is one residual more. Units are the highest rate and the longest run.

    Args:
        law: the class of the law.
        curves: the runs.
        priors: what is known of parameters, where that differs from the law's own `priors`.
        starts: from how many starts, 1 or more.
    """
    known = {**law.priors, **(priors or {})}
    problem = _Problem(law, curves, known, [begins(curve, EARLY) for curve in curves])
    tried = [problem.solve(start, BRIEF) for start in problem.starts(starts)]
    best = min(tried, key=lambda result: result.cost)
    # the noise is what is left: with it, what is known before has its right weight
    problem.noise = problem.noise_left(best.x)
    best = problem.solve(best.x)
    found, noise = problem.law_of(best.x), problem.noise
    problem = _Problem(law, curves, known, [_holds_from(found, noise, each) for each in curves])
    problem.noise = noise
    best = problem.solve(best.x)
    spread = np.linalg.pinv(best.jac.T @ best.jac, hermitian=True)
    return Fit(
        problem.law_of(best.x), best.x, spread, problem.scale, problem.noise, float(best.cost)
    )


def begins(curve: Curve, fraction: float) -> int:
    """Return where the losses of a run begin that are fitted: its own, after the warm-up."""
    begin = max(fraction * curve.steps[-1], 1.5 * warmed_up(curve), curve.branched_at or 0, 1)
    return int(min(begin, curve.steps[-1]))


def fitted_points(curve: Curve, begin: int) -> tuple[Array, Array]:
    """Return the steps and losses of a run from a step on, not too many."""
    steps, losses = np.asarray(curve.steps), np.asarray(curve.losses)
    late = np.flatnonzero(steps >= begin)
    if len(late) > POINTS:
        late = late[np.unique(np.linspace(0, len(late) - 1, POINTS).round().astype(int))]
    return steps[late], losses[late]


def _holds_from(law: Law, noise: float, curve: Curve) -> int:
    """Return the step from which on a law holds for a run, no later than where its fit began."""
    begin = begins(curve, EARLY)
    steps, losses = fitted_points(curve, begins(curve, EARLIEST))
    before = int(np.searchsorted(steps, begin))
    if not before:
        return begin
    errors = np.abs(law.losses(law.history(curve.schedule, steps[:before])) - losses[:before])
    misses = np.flatnonzero(errors > HOLDS * noise)
    first = int(misses[-1]) + 1 if misses.size else 0
    return min(begin, int(steps[first]))


def warmed_up(curve: Curve) -> int:
    """Return the step at which a run's rate has come to its first maximum."""
    steps, rates = sampled(curve.schedule, curve.steps[-1])
    return int(steps[np.argmax(rates >= rates.max() * (1 - 1e-9))])


def decays_from(curve: Curve) -> int:
    """Return the step from which a run's rate falls below its peak for good; 0 if it never does."""
    steps, rates = sampled(curve.schedule, curve.steps[-1])
    last = np.flatnonzero(rates >= rates.max() * (1 - 1e-6))[-1]
    return int(steps[last]) if last < len(steps) - 1 else 0


class _Problem:
    """The least squares of a law and some runs."""

    def __init__(
        self,
        law: type[Law],
        curves: Sequence[Curve],
        priors: Mapping[str, Prior],
        begins: Sequence[int],
    ) -> None:
        self.law = law
        self.priors = {name: prior for name, prior in priors.items() if name in law.parameters}
        self.points = [fitted_points(*each) for each in zip(curves, begins, strict=True)]
        self.rate = max(peak_of(curve) for curve in curves)
        self.steps = float(max(curve.steps[-1] for curve in curves))
        self.scale = float(np.median(np.abs(np.concatenate([curve.losses for curve in curves]))))
        self.noise = 2e-3 * self.scale
        self.histories = [
            law.history_in(self.rate, self.steps, curve.schedule, steps)
            for curve, (steps, _) in zip(curves, self.points, strict=True)
        ]
        counts = [len(steps) for steps, _ in self.points]
        each = [np.full(n, np.sqrt(np.mean(counts) / n)) for n in counts]
        self.weights = np.concatenate(each)
        self.observed = np.concatenate([losses for _, losses in self.points])
        lowest = float(self.observed.min())
        self.floor = 0.0 if lowest > 0 else lowest - 10.0 * self.scale
        self.lowest = lowest
        self.speeds = np.log(SLOWEST), np.log(self.steps)

    def values(self, vector: Array) -> dict[str, float]:
        """Return the parameters of a vector, whose first is the level, the others logarithms."""
        level, *logs = vector
        rest = dict(zip(self.law.parameters[1:], np.exp(logs), strict=True))
        return {"L0": float(level) * self.scale, **rest}

    def law_of(self, vector: Array) -> Law:
        values = self.values(vector)
        for name, value in values.items():  # the search may come below what a law may have
            values[name] = max(float(value), self.law.fields[name].rule.low)
        return self.law(**values, rate=self.rate, steps=self.steps)

    def evaluate(self, values: Mapping[str, float]) -> tuple[Array, dict[str, Array]]:
        found = [self.law.evaluate(history, *values.values()) for history in self.histories]
        by = {
            name: np.concatenate([derivatives[name] for _, derivatives in found])
            for name in self.law.parameters
        }
        return np.concatenate([losses for losses, _ in found]), by

    def residuals(self, vector: Array) -> Array:
        losses = self.evaluate(self.values(vector))[0]
        errors = self.weights * (losses - self.observed) / self.noise
        logs = dict(zip(self.law.parameters[1:], vector[1:], strict=True))
        known = [(logs[n] - np.log(p.value)) / p.spread for n, p in self.priors.items() if p.spread]
        return np.concatenate([_huber(errors), known])

    def jacobian(self, vector: Array) -> Array:
        values = self.values(vector)
        losses, by = self.evaluate(values)
        errors = self.weights * (losses - self.observed) / self.noise
        names = self.law.parameters
        columns = [by["L0"] * self.scale, *(by[name] * values[name] for name in names[1:])]
        slope = self.weights / self.noise * _huber_slope(errors)
        rows = [np.stack(columns, axis=1) * slope[:, None]]
        for name, prior in self.priors.items():
            if prior.spread:
                row = np.zeros((1, len(names)))
                row[0, names.index(name)] = 1.0 / prior.spread
                rows.append(row)
        return np.concatenate(rows)

    def starts(self, count: int) -> list[Array]:
        """Return vectors to start from: others spread out, the linear ones by least squares."""
        random = np.random.default_rng(0)
        found = []
        for i in range(count):
            values = dict.fromkeys(self.law.parameters, 1.0)
            for name in self.law.parameters:
                if name in self.priors:
                    prior = self.priors[name]
                    values[name] = prior.value * np.exp((i > 0) * prior.spread * random.normal())
                elif name not in self.law.linear:
                    low, high = self.speeds
                    values[name] = np.exp(low + (high - low) * (i + 0.5) / count)
            by = self.evaluate(values)[1]
            columns = np.stack([by[name] for name in self.law.linear], axis=1)
            amounts, _ = nnls(columns * self.weights[:, None], self.observed * self.weights)
            for name, amount in zip(self.law.linear, amounts, strict=True):
                values[name] = max(amount, 1e-3 * self.scale)
            level = min(values["L0"], self.lowest * 0.999 if self.lowest > 0 else self.lowest)
            logs = [np.log(values[name]) for name in self.law.parameters[1:]]
            found.append(np.array([level / self.scale, *logs]))
        return found

    def solve(self, start: Array, most: int = LONG) -> Any:
        names = self.law.parameters
        low = np.array([self.floor / self.scale, *(start[1:] - FARTHEST)])
        high = np.array([self.lowest / self.scale, *(start[1:] + FARTHEST)])
        for name, prior in self.priors.items():
            if not prior.spread:
                at = names.index(name)
                low[at], high[at] = np.log(prior.value) - 1e-9, np.log(prior.value) + 1e-9
        for name in set(names) - set(self.priors) - set(self.law.linear):
            low[names.index(name)], high[names.index(name)] = self.speeds
        start = np.clip(start, low + 1e-12, high - 1e-12)
        return least_squares(
            self.residuals,
            start,
            self.jacobian,
            (low, high),
            x_scale="jac",
            max_nfev=most,
            ftol=1e-8,
            xtol=1e-8,
        )

    def noise_left(self, vector: Array) -> float:
        errors = self.evaluate(self.values(vector))[0] - self.observed
        left = 1.4826 * float(np.median(np.abs(errors)))
        return max(left, SMALLEST_NOISE * self.scale)


def peak_of(curve: Curve) -> float:
    """Return the highest rate that a run has used."""
    return float(sampled(curve.schedule, curve.steps[-1])[1].max())


def _huber(errors: Array) -> Array:
    """Return errors whose squares grow as their size does beyond 2."""
    size = np.abs(errors)
    far = np.sqrt(np.maximum(4.0 * size - 4.0, 0.0))
    return np.where(size <= 2.0, errors, np.sign(errors) * far)


def _huber_slope(errors: Array) -> Array:
    size = np.abs(errors)
    return np.where(size <= 2.0, 1.0, 2.0 / np.sqrt(np.maximum(4.0 * size - 4.0, 1.0)))
