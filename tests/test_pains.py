"""What users of schedules suffer from, by the number in the list of pains: those of the core.

Where a pain is one of another library, that library, as installed, shows it here.
"""

import json
import math
import os
import warnings
from decimal import Decimal, getcontext
from itertools import pairwise

import jax
import keras
import numpy as np
import optax
import pytest
import torch

import glissando as gl

UPDATES = 60


class Probe:
    """A weight that stands at 0 under a gradient of 1 and plain SGD: it moves by the rate used."""

    def __init__(self, kind=torch.float64, lr=0.1):
        self.weight = torch.nn.Parameter(torch.zeros((), dtype=kind))
        self.optimizer = torch.optim.SGD([self.weight], lr=lr)

    def moves(self, scheduler, updates=UPDATES):
        used = []
        for _ in range(updates):
            self.weight.data.zero_()
            self.weight.grad = torch.ones_like(self.weight)
            self.optimizer.step()
            scheduler.step()
            used.append(-self.weight.item())
        return used


def used(schedule, updates=UPDATES):
    probe = Probe()
    return probe.moves(gl.torch.Scheduler(probe.optimizer, schedule, on_length="ignore"), updates)


def rules(schedule):
    return [finding.rule for finding in gl.lint(schedule)]


def test_pain_25_a_first_or_last_update_at_rate_0_is_told():
    peak, warmup = 0.1, 10
    # two conventions: k / warmup, whose first update is wasted, and (k + 1) / warmup
    from_zero = gl.Linear(0.0, peak, steps=warmup) >> gl.Cosine(peak, 0.0, steps=50)
    from_one = gl.Linear(peak / warmup, peak, steps=warmup - 1) >> gl.Cosine(peak, 0.0, steps=51)
    assert used(from_zero, 11) == pytest.approx([peak * k / warmup for k in range(11)])
    assert used(from_one, 10) == pytest.approx([peak * (k + 1) / warmup for k in range(10)])
    assert (rules(from_zero), rules(from_one)) == (["zero-start"], [])
    # the peers have either, and say nothing
    assert float(optax.warmup_cosine_decay_schedule(0.0, peak, warmup, 60)(0)) == 0.0
    of_keras = keras.optimizers.schedules.CosineDecay(
        0.0, 50, warmup_target=peak, warmup_steps=warmup
    )
    assert float(of_keras(0)) == 0.0
    probe = Probe(lr=peak)
    linear = torch.optim.lr_scheduler.LinearLR(probe.optimizer, 1 / warmup, total_iters=warmup - 1)
    assert probe.moves(linear, warmup) == pytest.approx(used(from_one, warmup))
    # the end: an update at rate 0 is wasted, a rate of 0 after the last update is not
    arrives = gl.Linear(peak, 0.0, steps=UPDATES - 1) >> gl.Constant(0.0, steps=1)
    lands = gl.Linear(peak, 0.0, steps=UPDATES)
    assert used(arrives)[-1] == 0.0
    assert used(lands)[-1] > 0.0 == lands(UPDATES)
    assert (rules(arrives), rules(lands)) == (["zero-end"], [])


def test_pain_27_no_jump_at_a_joint_and_the_floor_only_at_the_end():
    whole = gl.Linear(0.01, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)
    rates = used(whole, UPDATES + 1)
    steepest = max(0.09 / 10, 0.099 * math.pi / 2 / 50)
    assert max(abs(b - a) for a, b in pairwise(rates)) <= steepest * (1 + 1e-9)
    assert [k for k, rate in enumerate(rates) if rate == 0.001] == [UPDATES]
    assert rules(whole) == []

    # parts that do not meet: optax joins them without a word
    torn = [gl.Linear(0.01, 0.1, steps=10), gl.Cosine(0.2, 0.001, steps=50)]
    joined = optax.join_schedules(torn, [10])
    before, after = (float(joined(jax.numpy.int32(k))) for k in (9, 10))
    assert after - before > 0.1
    assert [(finding.rule, finding.step) for finding in gl.lint(torn[0] >> torn[1])] == [
        ("jump", 10)
    ]

    # a floor by clipping is reached long before the end: in optax too
    clipped = gl.Geometric(1.0, ratio=0.9).clip(floor=0.1).take(UPDATES)
    of_optax = optax.exponential_decay(1.0, 1, 0.9, end_value=0.1)
    assert [float(of_optax(k)) for k in range(UPDATES)] == pytest.approx(used(clipped), rel=1e-6)
    assert [(finding.rule, finding.step) for finding in gl.lint(clipped)] == [("early-floor", 22)]
    lands = gl.Geometric(1.0, ratio=0.1, every=UPDATES).take(UPDATES)
    assert lands(UPDATES) == pytest.approx(0.1, rel=1e-15)
    assert min(used(lands)) > 0.1
    assert rules(lands) == []


FLOOR, PEAK = 1e-5, 3e-3
DECAYS = [
    gl.Linear(PEAK, FLOOR, steps=50),
    gl.Cosine(PEAK, FLOOR, steps=50),
    gl.Polynomial(PEAK, FLOOR, steps=50, power=2.0),
    gl.Sqrt(PEAK, FLOOR, steps=50),
    gl.Exponential(PEAK, rate=0.3).clip(floor=FLOOR),
    gl.Staircase(PEAK, ratio=0.1, every=10).clip(floor=FLOOR),
    gl.maximum(gl.InverseTime(PEAK, rate=100.0), gl.Constant(FLOOR)),
    gl.Linear(0.0, PEAK, steps=5) >> gl.Cosine(PEAK, FLOOR, steps=45),
    gl.Cosine(1.0, FLOOR / PEAK, steps=50) * PEAK,  # a share of the peak
]


@pytest.mark.parametrize("schedule", DECAYS, ids=str)
def test_pain_29_any_schedule_ends_at_its_floor_exactly(schedule):
    floor = FLOOR / PEAK * PEAK if isinstance(schedule, gl.Scale) else FLOOR
    assert used(schedule)[50:] == [floor] * 10
    graph = np.asarray(jax.jit(schedule)(np.arange(50, 60)))
    assert (np.abs(graph - np.float32(floor)) <= np.spacing(np.float32(floor))).all()
    # a peer without a floor ends at 0, or wherever it is at the end
    probe = Probe(lr=PEAK)
    bare = torch.optim.lr_scheduler.PolynomialLR(probe.optimizer, total_iters=50)
    assert probe.moves(bare)[50:] == [0.0] * 10


def cosine(x):
    """The cosine of a decimal number, by its series."""
    term = total = Decimal(1)
    n = 0
    while abs(term) > Decimal(10) ** -60:
        n += 2
        term *= -x * x / (n * (n - 1))
        total += term
    return total


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
STEPS = 50_000
# what the floats are, exactly
START, END, RATE, FAST = map(Decimal, (0.1, 1e-3, 1e-4, 1e-3))
EXACT = {
    gl.Linear(0.1, 1e-3, STEPS): lambda t: START + (END - START) * t / STEPS,
    gl.Cosine(0.1, 1e-3, STEPS): lambda t: END + (START - END) * (1 + cosine(PI * t / STEPS)) / 2,
    gl.Polynomial(0.1, 1e-3, STEPS, power=3.0): lambda t: (
        END + (START - END) * (1 - t / STEPS) ** 3
    ),
    gl.Sqrt(0.1, 1e-3, STEPS): lambda t: START + (END - START) * (t / STEPS).sqrt(),
    gl.Exponential(0.1, rate=1e-4): lambda t: START * (-RATE * t).exp(),
    gl.Geometric(0.1, ratio=0.5, every=7_000): lambda t: START * Decimal(2) ** -(t / 7_000),
    gl.InverseTime(0.1, rate=1e-3): lambda t: START / (1 + FAST * t),
    gl.InverseSqrt(0.1, timescale=300): lambda t: START / (1 + t / 300).sqrt(),
}


@pytest.mark.parametrize("schedule", EXACT, ids=str)
def test_pain_32_the_rate_is_that_of_the_formula_and_rounded_last(schedule):
    getcontext().prec = 70
    steps = sorted({0, 1, 2, 999, 25_000, 49_999, 50_000, *range(0, 50_000, 1_237)})
    exact = [EXACT[schedule](Decimal(t)) for t in steps]
    ulp = Decimal(math.ulp(0.1))
    assert max(abs(Decimal(schedule(t)) - e) for t, e in zip(steps, exact, strict=True)) <= 4 * ulp

    # into float32 it is rounded once: what the optimizer uses is the float32 next to the exact rate
    optimizer = gl.optax.inject(optax.sgd, learning_rate=schedule)
    update, state = jax.jit(optimizer.update), optimizer.init(jax.numpy.float32(0))
    for t, e in zip(steps, exact, strict=True):
        change, _ = update(jax.numpy.float32(1), state._replace(count=jax.numpy.int32(t)))
        assert abs(Decimal(-float(change)) - e) <= Decimal(float(np.spacing(np.float32(e)))) / 2


def test_pain_32_a_recursion_drifts_where_a_formula_does_not():
    schedule, updates = gl.Cosine(0.1, 1e-3, steps=50_000), 20_000
    off = []
    for ours in (False, True):
        rate = torch.tensor(0.1)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=rate)
        if ours:
            scheduler = gl.torch.Scheduler(optimizer, schedule)
        else:
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50_000, eta_min=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # torch: of the order of the calls
            for _ in range(updates):
                if ours:
                    optimizer.step()
                scheduler.step()
        used = optimizer.param_groups[0]["lr"].item()
        off.append(abs(used - schedule(updates)) / schedule(updates))
    assert off[0] > 4e-6
    assert off[1] <= 2**-24


@pytest.mark.parametrize(
    "schedule",
    [
        gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50),
        gl.recipes.keras_tip.one_cycle().take(UPDATES),
        gl.recipes.sgdr(0.1, first=10, cycles=6),
        gl.Staircase(0.1, ratio=0.5, every=7).take(UPDATES),
    ],
    ids=str,
)
def test_pain_46_what_is_drawn_is_what_is_applied(schedule):
    (line,) = gl.plot(schedule).data
    assert list(line.x) == list(range(UPDATES + 1))
    assert list(line.y)[:UPDATES] == used(schedule)


@pytest.mark.parametrize("k", [0, 1, 9, 10, 11, 37, 59])
def test_pain_47_a_cooldown_branches_off_a_trunk(k):
    trunk = gl.Linear(0.0, 0.1, steps=10) >> gl.Constant(0.1) * gl.InverseSqrt(1.0, timescale=100)
    cooldown = gl.Sqrt(trunk(k), 0.0, steps=20)
    branch = trunk.take(k) >> cooldown if k else cooldown
    truth = used(trunk)
    whole = used(branch, k + 20)
    assert whole[:k] == truth[:k]  # the trunk is unchanged before the branch
    assert whole[k] == truth[k]  # and its first rate is the trunk's
    assert branch.steps == k + 20
    assert branch(k + 20) == 0.0
    assert "jump" not in rules(branch)

    # from a checkpoint of the trunk, as it is done
    probe = Probe()
    scheduler = gl.torch.Scheduler(probe.optimizer, trunk)
    assert probe.moves(scheduler, k) == truth[:k]
    resumed = Probe()
    after = gl.torch.Scheduler(resumed.optimizer, branch)
    after.load_state_dict(scheduler.state_dict(), on_mismatch="replace")
    assert resumed.moves(after, 20) == whole[k:]
    assert probe.moves(scheduler, UPDATES - k) == truth[k:]  # the trunk goes on, too


RECIPE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.0, steps=50).clip(floor=1e-4)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_pain_49_a_recipe_is_a_configuration_file(suffix, tmp_path):
    path = tmp_path / f"schedule{suffix}"
    gl.save(RECIPE, path)
    loaded = gl.load(path)
    assert loaded == RECIPE
    assert used(loaded) == used(RECIPE)
    path.write_text(path.read_text().replace("floor", "flor"))
    with pytest.raises(gl.ScheduleError, match=r"unknown field 'flor' .*; did you mean 'floor'\?"):
        gl.load(path)


def test_pain_49_no_configuration_runs_code(tmp_path):
    mark = tmp_path / "ran"
    attacks = {
        "yaml": f"!!python/object/apply:os.mkdir ['{mark}']",
        "json": json.dumps({"type": "function", "function": f"os.mkdir('{mark}')"}),
        "toml": f"type = \"linear\"\nstart = \"__import__('os').mkdir('{mark}')\"\n",
    }
    for suffix, text in attacks.items():
        path = tmp_path / f"attack.{suffix}"
        path.write_text(text)
        with pytest.raises(gl.ScheduleError):
            gl.load(path)
    for text in (f"__import__('os').mkdir('{mark}')", f"linear(os.mkdir('{mark}'), 0, steps=3)"):
        with pytest.raises(gl.ScheduleError):
            gl.parse(text)
    assert not os.path.exists(mark)
