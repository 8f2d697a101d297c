"""Priors of laws, learned from other runs."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from glissando.errors import ScheduleError, shown
from glissando.forecasting.fit import Fit, fit
from glissando.forecasting.laws import LAWS, Prior
from glissando.forecasting.peaks import Runs
from glissando.forecasting.pilot_group import groups, shows_cooldown
from glissando.logs.curve import Curve

LOOSER = 2.0
"""How much looser what was known before is held while other runs are to speak."""

SPREAD = 0.1
"""A parameter differs from task to task by at least this factor, as a logarithm."""

RUNS = Runs()


def learn_priors(
    tasks: Mapping[str, Iterable[Curve]] | Iterable[Iterable[Curve]],
) -> dict[str, dict[str, Prior]]:
    """Return what other runs of yours say of the parameters of laws, for `gl.forecast(priors=...)`.

    Each law is fitted to the runs of each task, one peak at a time. A prior is the mean of the
    logarithms of a parameter, each fit by its own doubt, and their spread: that between the fits
    and that of the mean, at least 10 %. Learned are the powers and the memory of a law, which go
    from task to task; amounts do not.

    Args:
        tasks: the runs of each task: a list of lists, or lists by names. What a peak of a task has
            must show a cooldown after a stable phase, or it is left out: it tells nothing of them.

    Raises:
        ScheduleError: there are no runs, or none shows a cooldown after a stable phase.

    Example:
        >>> from glissando import Constant, Linear
        >>> from glissando.forecasting.laws import ConvexKernel
        >>> truth = ConvexKernel(2.5, 0.5, 0.3, 8.0, 200.0, rate=1e-3, steps=6000)
        >>> trunk = Linear(0.0, 1e-3, steps=100) >> Constant(1e-3)
        >>> branch = trunk.branch(4800, Linear(1.0, 0.0, steps=1200))
        >>> steps = range(100, 6001, 100)
        >>> runs = [Curve(s, steps, truth(s, list(steps))) for s in (trunk, branch)]
        >>> prior = learn_priors([runs])["convex_kernel"]["alpha"]
        >>> round(prior.value, 2), prior.source
        (0.3, 'learned from 2 runs')
    """
    found = tasks.values() if isinstance(tasks, Mapping) else tasks
    if isinstance(found, Curve) or not isinstance(found, Iterable):
        raise ScheduleError(
            "learn_priors: `tasks` must be lists of gl.Curve, a list for a task, got "
            f"{shown(found)}"
        )
    peaks = [
        group
        for task in found
        for group in groups(RUNS.check(task, "learn_priors: `tasks`"))
        if shows_cooldown(group) and not any(curve.diverged for curve in group)
    ]
    if not peaks:
        raise ScheduleError(
            "learn_priors: `tasks` must have runs that cool down after a stable phase, got none"
        )
    runs = sum(map(len, peaks))
    source = f"learned from {runs} run{'s' * (runs != 1)}"
    return {tag: _learn(tag, peaks, source) for tag, law in LAWS.items() if law.priors}


def _learn(tag: str, peaks: Sequence[Sequence[Curve]], source: str) -> dict[str, Prior]:
    law = LAWS[tag]
    loose = {name: p._replace(spread=LOOSER * p.spread) for name, p in law.priors.items()}
    fits = [fit(law, runs, loose) for runs in peaks]
    return {name: _prior(fits, law.parameters.index(name), source) for name in law.priors}


def _prior(fits: Sequence[Fit], at: int, source: str) -> Prior:
    """Return the mean and the spread of a parameter over fits, each by its own doubt."""
    logs = np.array([each.vector[at] for each in fits])
    doubts = np.array([each.spread[at, at] for each in fits]) + SPREAD**2
    weights = 1.0 / doubts / np.sum(1.0 / doubts)
    mean = float(weights @ logs)
    between = float(weights @ (logs - mean) ** 2)
    spread = np.sqrt(max(between, SPREAD**2) + 1.0 / np.sum(1.0 / doubts))
    return Prior(float(np.exp(mean)), float(spread), source)
