"""A law is recovered from noisy runs; what is known before is used, and no one start decides."""

import numpy as np
import pytest

import glissando as gl
from glissando.forecasting.fit import begins, fit
from glissando.forecasting.laws import Annealing, Bound, ConvexKernel, Kernel, MultiPower, Prior

from strategies import settings  # isort: skip

UNITS = {"rate": 1e-3, "steps": 24_000}
TRUTHS = {
    "annealing": Annealing(2.9, 0.2, 0.5, 15.0, 300.0, **UNITS),
    "multi_power": MultiPower(2.9, 0.2, 0.47, 0.2, 500.0, 0.56, 0.66, **UNITS),
    "kernel": Kernel(2.6, 0.25, 0.4, 300.0, 3000.0, 0.75, 1.2, **UNITS),
    "convex_kernel": ConvexKernel(2.6, 0.25, 0.4, 300.0, 1000.0, **UNITS),
    "bound": Bound(2.8, 0.05, 0.02, **UNITS),
}
TRUNK = gl.Linear(0.0, 1e-3, steps=500) >> gl.Constant(1e-3)
COOLED = TRUNK.branch(19_200, gl.Linear(1.0, 0.0, steps=4800))
POINTS = list(range(400, 24_001, 400))
SEEDS = 100 if settings.default.max_examples > 200 else 3


def noisy(law, seed, noise=0.002):
    random = np.random.default_rng(seed)
    return [
        gl.Curve(schedule, POINTS, law(schedule, POINTS) + noise * random.normal(size=len(POINTS)))
        for schedule in (TRUNK, COOLED)
    ]


@pytest.mark.parametrize("name", TRUTHS)
def test_a_law_is_recovered_from_two_noisy_runs(name):
    truth, near = TRUTHS[name], 0
    for seed in range(SEEDS):
        found = fit(type(truth), noisy(truth, seed)).law
        errors = [found(s, POINTS)[2:] - truth(s, POINTS)[2:] for s in (TRUNK, COOLED)]
        near += np.abs(errors).mean() <= 1e-3
    assert near >= 0.95 * SEEDS


def test_the_scale_of_rates_losses_and_steps_changes_nothing():
    truth = TRUTHS["kernel"]
    runs = noisy(truth, 0)
    for rate, steps, loss in ((1e4, 1, 1.0), (1.0, 10, 1.0), (1.0, 1, 50.0)):
        scaled = [
            gl.Curve(
                (curve.schedule * rate).slow(steps) if steps > 1 else curve.schedule * rate,
                [steps * step for step in curve.steps],
                [loss * value for value in curve.losses],
            )
            for curve in runs
        ]
        one, other = fit(Kernel, runs).law, fit(Kernel, scaled).law
        at = [steps * step for step in POINTS[2:]]
        ratio = other(scaled[1].schedule, at) / one(COOLED, POINTS[2:])
        assert ratio == pytest.approx(loss, rel=1e-3)


def test_losses_may_be_negative():
    runs = [c.replace(losses=[loss - 5.0 for loss in c.losses]) for c in noisy(TRUTHS["bound"], 1)]
    found = fit(Bound, runs).law
    assert found(COOLED, 24_000) == pytest.approx(TRUTHS["bound"](COOLED, 24_000) - 5.0, abs=3e-3)


def test_what_is_known_before_is_used_and_may_be_fixed():
    runs = noisy(TRUTHS["kernel"], 2)
    for p in (0.4, 1.2):
        assert fit(Kernel, runs, {"p": Prior(p, 0.0, "a test")}).law.p == pytest.approx(p)
    pulled = [fit(Kernel, runs, {"q": Prior(q, 0.01, "a test")}).law.q for q in (0.9, 1.5)]
    assert pulled[0] < 1.0 < 1.4 < pulled[1]


def test_one_wild_loss_changes_little():
    runs = noisy(TRUTHS["multi_power"], 3)
    losses = list(runs[0].losses)
    losses[30] += 1.0
    before = fit(MultiPower, runs).law(COOLED, 24_000)
    after = fit(MultiPower, [runs[0].replace(losses=losses), runs[1]]).law(COOLED, 24_000)
    assert after == pytest.approx(before, rel=1e-3)


def test_the_plateau_of_early_training_is_not_fitted():
    """The first tenth has a loss that no law describes: what comes after is not bent by it."""
    runs = noisy(TRUTHS["kernel"], 4)
    flat = [
        c.replace(losses=[loss + (s < 2400) for s, loss in zip(c.steps, c.losses, strict=True)])
        for c in runs
    ]
    one, other = (fit(Kernel, curves).law(COOLED, 24_000) for curves in (runs, flat))
    assert other == pytest.approx(one, rel=2e-3)


def test_a_branch_counts_from_where_it_left():
    curve = gl.Curve(COOLED, POINTS, [1.0] * len(POINTS), branched_at=19_200)
    assert begins(curve, 0.2) == 19_200
    assert begins(curve.replace(branched_at=None), 0.2) == 4800
