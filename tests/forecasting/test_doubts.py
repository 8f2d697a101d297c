"""What is said of runs as pilots: bad ones are found, good ones pass."""

import math
import os

import numpy as np
import pytest

import glissando as gl
from forecasting.small_runs import bend, from_law, shows, train
from glissando.forecasting.distance import Shown, about
from glissando.forecasting.doubts import examine
from glissando.forecasting.faults import fault_of

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
TRAINED, MADE_UP = (120, 500) if SOAK else (10, 60)

BAD = ("overfit", "diverging", "shuffled", "restarted")

WSD = gl.Linear(0.0, 1e-3, steps=100) >> gl.Constant(1e-3, steps=1500) >> gl.Linear(1e-3, 0.0, 400)


def found(curves):
    return sum(fault_of(curve) is not None for curve in curves) / len(curves)


@pytest.mark.parametrize("kind", BAD)
def test_bad_trainings_are_found(kind):
    curves = [train(kind, seed) for seed in range(TRAINED)]
    curves = [curve for curve in curves if shows(kind, curve)]
    assert len(curves) >= TRAINED / 3
    assert found(curves) >= 0.95


def test_good_trainings_pass():
    assert found([train("good", seed) for seed in range(TRAINED)]) <= 0.05


@pytest.mark.parametrize("kind", BAD)
def test_bent_runs_are_found(kind):
    curves = [bend(kind, from_law(seed), seed) for seed in range(MADE_UP)]
    if kind == "restarted":  # what noise hides nobody sees
        curves = [curve for curve in curves if visible(curve)]
    assert found(curves) >= 0.95


def visible(curve):
    """Whether the greatest jump is beyond what neighbors differ by."""
    jumps = np.diff(curve.losses)
    return len(jumps) < 300 and jumps.max() > 8 * np.median(np.abs(jumps))


def test_runs_of_a_law_pass_with_noise_with_spikes_and_with_a_raised_rate():
    assert found([from_law(seed) for seed in range(MADE_UP)]) <= 0.05


def run(schedule=WSD, last=2000, every=50, **fields):
    """A run without noise: the loss falls with the steps, and with the rate."""
    steps = np.arange(every, last + 1, every)
    losses = 2 + 10 / np.sqrt(steps) + 100 * schedule(steps - 1)
    return gl.Curve(schedule, steps=steps.tolist(), losses=losses.tolist(), **fields)


def test_a_good_pilot_is_not_doubted():
    assert examine([run()]) == ((), (), [run()])


def test_a_bad_run_among_good_ones_is_left_out():
    good, bad = run(name="a"), run(name="b").replace(losses=[math.inf] * 40)
    refusals, doubts, usable = examine([good, bad])
    assert not refusals
    assert usable == [good]
    assert doubts == (
        "b diverged: its loss at step 50 is infinite or no number; train at a rate below 0.001; "
        "it is left out",
    )
    assert examine([bad]).refusals
    assert examine([bad]).usable == []


def test_too_few_losses_are_counted():
    (words,) = examine([run(every=600)]).refusals
    assert words == (
        "run 1 has 3 losses after its warm-up; 4 or more are needed; log its loss more often"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "validation"}, "of different losses, training in a and validation in b"),
        ({"batch": 512}, "of different batch sizes, 256 an update in a and 512 in b"),
    ],
)
def test_what_is_mixed_is_refused(fields, words):
    one, other = run(name="a", batch=256), run(name="b", **{"batch": 256} | fields)
    assert words in examine([one, other]).refusals[0]


def test_runs_of_two_models_are_refused():
    one, other = run(name="a"), run(name="b")
    assert not examine([one, other]).refusals
    other = other.replace(losses=[loss - 0.3 for loss in other.losses])
    (words,) = examine([one, other]).refusals
    assert "a and b have the same rates up to step 2,000, yet their losses differ by 0.3" in words


COSINE = gl.Linear(0.0, 1e-3, steps=100) >> gl.Cosine(1e-3, 0.0, steps=1900)
AGAIN = WSD.take(1900) >> gl.Constant(1e-3, steps=100)


@pytest.mark.parametrize(
    ("curves", "words"),
    [
        ([run(COSINE)], "no pilot shows a cooldown after a constant rate"),
        ([run(last=1600)], "no pilot shows a cooldown: "),
        ([run(AGAIN)], "the rate of run 1 rises again at step 1,900"),
        ([run(steps_per_epoch=400)], "run 1 passes 5 times over its data"),
        ([run(last=180, every=5)], "run 1 warms up for 100 of its 180 steps"),
    ],
)
def test_weak_pilots_are_doubted(curves, words):
    refusals, doubts, usable = examine(curves)
    assert usable == curves
    assert any(words in doubt for doubt in doubts), (refusals, doubts)


def test_losses_that_scatter_are_doubted():
    noise = np.random.default_rng(1).normal(size=40)
    scattered = run().replace(losses=(np.array(run().losses) * (1 + 0.1 * noise)).tolist())
    assert any("are known to" in doubt for doubt in examine([scattered]).doubts)


@pytest.mark.parametrize(
    ("schedule", "step", "words"),
    [
        (WSD.stretch(4000), 4000, None),
        (2.0 * WSD, 2000, "its peak is 0.002, the nearest of a pilot 0.001"),
        (WSD.stretch(6000), 6000, "step 6,000 is 3 times the longest pilot, 2,000 steps"),
        (WSD.take(1) >> gl.LogLinear(1e-3, 1e-5, 1999), 2000, "its rate has halved by step 302"),
        (AGAIN, 2000, "its rate rises again at step 1,900"),
        (gl.recipes.one_cycle_torch(1e-3, steps=2000), 2000, "its warm-up takes 599 steps"),
        (WSD, 2500, "its rate is 0 from step 2,000 to step 2,500"),
    ],
)
def test_what_lies_far_from_the_pilots_is_doubted(schedule, step, words):
    said = about(schedule, [Shown.of(run())], step)
    assert any(words in one for one in said) if words else said == (), said


def test_a_rate_that_no_pilot_has_come_down_to_is_doubted():
    said = about(WSD, [Shown.of(run(last=1600))], 2000)
    assert any("its rate falls to 2.5e-06, and no pilot's below 0.001" in one for one in said), said
