"""Studies without a training: losses by a formula of candidate, peak, length and seed."""

import hashlib
import math

import numpy as np

from glissando.studies.candidate import schedule_of
from glissando.studies.report.results import results_of
from glissando.studies.rungs.decide import Decision
from glissando.studies.rungs.state import FRESH, Stage
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Log
from glissando.studies.settings import Settings, candidates_of

STEPS = 2000
PARTIAL = Decision(Stage("runs that are next", ()), (), (), {}, ())
"""The decision of a study of which nothing is decided."""

PEAKS = (0.001, 0.003, 0.01)
BEST = 0.003
WORSE = {
    "linear": 0.0,
    "rex": 0.001,
    "wsd_sqrt": 0.006,
    "cosine": 0.012,
    "wsd": 0.014,
    "one_cycle": 0.03,
    "constant": 0.12,
}
"""By how much each candidate is worse than the best one, in nats."""


def noise(*of):
    """Return a normal number that is always the same for the same arguments."""
    digest = hashlib.sha256(repr(of).encode()).digest()
    return float(np.random.default_rng(int.from_bytes(digest[:8], "big")).normal())


def loss_of(run, goal="min"):
    """Return a result: better with more updates, worse away from the best peak."""
    if run.peak is not None and run.peak > 0.02:
        return math.inf
    away = 0.0 if run.peak is None else math.log(run.peak / BEST)
    nats = (
        1.0
        + 5.0 * run.steps**-0.35
        + WORSE.get(run.candidate, 0.05)
        + 0.03 * away**2
        + 0.006 * noise("shift", run.seed)
        + 0.0015 * noise(run.candidate, run.peak, run.steps, run.seed)
    )
    return math.exp(-nats) if goal == "max" else nats


def log_of(run, points=50):
    """Return what a run would have logged."""
    steps = [max(1, run.steps * k // points) for k in range(1, points + 1)]
    final = min(loss_of(run), 3.0)
    losses = [
        final + 1.5 * (1 - step / run.steps) ** 2 + 3.0 / step + 0.01 * noise(run.seed, step)
        for step in steps
    ]
    return Log(steps, losses, [schedule_of(run.schedule)(step - 1) for step in steps])


def settings_of(names=tuple(WORSE), **changes):
    """Return the settings of a study of some standard schedules."""
    chosen = [each for each in candidates_of(None, (), STEPS) if each.name in names]
    return Settings(**{"candidates": chosen, "steps": STEPS, "peaks": PEAKS} | changes)


def search_runs(settings, lengths=None):
    """Return the runs of the search: each candidate, peak and length with the seed 0."""
    return [
        Run.of(candidate, None if candidate.literal else peak, steps, 0)
        for steps in lengths or settings.lengths
        for candidate in settings.candidates
        for peak in (settings.peaks if not candidate.literal else [None])
    ]


def final_runs(settings, finalists):
    """Return the runs of the last comparison, with fresh seeds."""
    return [
        Run.of(settings.candidate(name), peak, settings.steps, seed)
        for name, peak in finalists
        for seed in range(FRESH, FRESH + settings.seeds)
    ]


def outcome_of(run, goal="min"):
    """Return what came of a run."""
    return Outcome(loss_of(run, goal), updates=run.steps, seconds=run.steps / 100, machine="here")


def complete(settings=None, finalists=None, *, outcome=None, **changes):
    """Return the arguments of `results_of` for a complete study, some of them changed."""
    settings = settings or settings_of()
    names = [each.name for each in settings.candidates]
    finalists = finalists or [
        (name, None if settings.candidate(name).literal else BEST)
        for name in [*names[:3], *(n for n in ("constant", "cosine") if n in names[3:])]
    ]
    made = outcome or (lambda run: outcome_of(run, settings.goal))
    runs = {run.key: run for run in search_runs(settings) + final_runs(settings, finalists)}
    peaks = {(name, n): BEST for name in names for n in settings.lengths}
    return {
        "settings": settings,
        "outcomes": [(run, made(run)) for run in runs.values()],
        "decision": Decision(None, (), tuple(finalists), peaks, ()),
        "logged": log_of,
        "command": "glissando study study.toml",
        "task": {"framework": "keras", "train": "train.py:train"},
    } | changes


def result(arguments=None, **changes):
    """Return the result of a complete study, some of its arguments changed."""
    given = {**(arguments or complete()), **changes}
    settings, outcomes, decision = (given.pop(k) for k in ("settings", "outcomes", "decision"))
    return results_of(settings, outcomes, decision, **given)
