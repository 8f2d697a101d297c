"""optax: what is saved beside the optimizer's state tells at a resume whether all is the same."""

import copy
import json

import flax.serialization
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import glissando as gl

UPDATES = 60
RATE = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=50)
LONG = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.001, steps=90)
POLICIES = ["keep", "replace", "continue", "rewarm"]


class Run:
    """A training that can be saved after any update, and gone on with from what was saved."""

    def __init__(self, rate, saved=None, on_mismatch="raise"):
        if saved is not None:
            saved = json.loads(saved)
            rate = gl.optax.resume(rate, saved["schedule"], on_mismatch=on_mismatch)
        self.rate, self.weight = rate, jnp.zeros(())
        self.optimizer = gl.optax.inject(optax.sgd, learning_rate=rate)
        self.state = self.optimizer.init(self.weight)
        if saved is not None:
            data = bytes.fromhex(saved["optimizer"])
            self.state = flax.serialization.from_bytes(self.state, data)
        self.update = jax.jit(self.optimizer.update)

    def go(self, updates):
        moves = []
        for _ in range(updates):
            change, self.state = self.update(self.weight + 1, self.state, self.weight)
            moves.append(-float(change))
        return moves

    def saved(self):
        schedule = gl.optax.state_dict(self.rate, self.state)
        data = flax.serialization.to_bytes(self.state).hex()
        return json.dumps({"schedule": schedule, "optimizer": data}, allow_nan=False)


def rounded(rates):
    return [float(np.float32(rate)) for rate in rates]


def checkpoints(rate=RATE, updates=UPDATES):
    """What was saved after each number of updates."""
    run, found = Run(rate), []
    for _ in range(updates):
        found.append(run.saved())
        run.go(1)
    return found


def test_interrupted_at_every_update():
    truth = rounded(RATE(k) for k in range(UPDATES))
    compiled = Run(RATE)  # once: the runs below follow an equal schedule
    for k, saved in enumerate(checkpoints()):
        run = Run(RATE, saved)
        assert run.rate == RATE
        assert gl.optax.state_dict(run.rate, run.state)["step"] == k
        run.update = compiled.update
        assert run.go(UPDATES - k) == truth[k:]


def test_pain_04_another_schedule_is_refused_and_nothing_changed():
    run = Run(RATE)
    run.go(20)
    state = gl.optax.state_dict(run.rate, run.state)
    before = copy.deepcopy(state)
    with pytest.raises(gl.ScheduleMismatch) as caught:
        gl.optax.resume(LONG, state)
    message = str(caught.value)
    assert "resume: `learning_rate`" in message
    assert f"at step 20, the next: {RATE(20):.6g} (saved) and {LONG(20):.6g} (new)" in message
    assert all(repr(policy) in message for policy in POLICIES)
    assert state == before
    assert run.go(5) == rounded(RATE(k) for k in range(20, 25))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("k", [3, 20, 57])
def test_pain_04_the_first_rates_of_each_policy(policy, k):
    run = Run(RATE)
    run.go(k)
    resumed = Run(LONG, run.saved(), policy)
    moves = resumed.go(3)
    expected = {
        "keep": [RATE(k + i) for i in range(3)],
        "replace": [LONG(k + i) for i in range(3)],
        "continue": [LONG(k + i) * (RATE(k) / LONG(k)) for i in range(3)],
        "rewarm": [LONG(i) for i in range(3)],
    }[policy]
    assert moves == pytest.approx(rounded(expected), rel=2e-7)
    if policy != "continue":
        assert moves == rounded(expected)
    # interrupted again, the same code goes on with the same schedule
    again = Run(LONG, resumed.saved(), policy)
    assert again.rate == resumed.rate
    assert again.go(4) == rounded(resumed.rate(k + 3 + i) for i in range(4))


def test_without_the_optimizers_state_by_offset():
    saved = gl.optax.state_dict(RATE, 25)
    for policy in POLICIES:
        rate = gl.optax.resume(LONG, saved, on_mismatch=policy)
        fresh = Run(gl.optax.offset(rate, saved["step"]))
        assert fresh.go(4) == rounded(rate(25 + i) for i in range(4))


def test_several_schedules_by_name():
    decay = gl.Linear(0.1, 0.0, steps=30)
    schedules = {"learning_rate": RATE, "weight_decay": decay}
    optimizer = gl.optax.inject(optax.adamw, **schedules)
    state = optimizer.init(jnp.zeros(3))
    _, state = optimizer.update(jnp.ones(3), state, jnp.zeros(3))
    saved = gl.optax.state_dict(schedules, state)
    assert saved == {
        "step": 1,
        "schedule": {name: schedule.to_data() for name, schedule in schedules.items()},
    }
    assert gl.optax.resume(schedules, saved) == schedules
    with pytest.raises(gl.ScheduleMismatch, match="resume: `weight_decay`"):
        gl.optax.resume(schedules | {"weight_decay": gl.Constant(0.1)}, saved)
    with pytest.raises(gl.ScheduleMismatch, match="saved with schedules of learning_rate, weight"):
        gl.optax.resume(RATE, saved)
    assert gl.optax.resume(RATE, saved, "keep") == schedules
    assert gl.optax.resume(RATE, saved, "replace") == RATE


@pytest.mark.parametrize(
    "make",
    [
        optax.adamw,
        lambda rate: optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(rate)),
        lambda rate: optax.MultiSteps(optax.adam(rate), 3),
        lambda rate: optax.apply_if_finite(optax.adam(rate), 3),
    ],
)
def test_the_step_is_read_from_any_optimizer(make):
    optimizer = make(RATE)
    state = optimizer.init(jnp.zeros(3))
    update = jax.jit(optimizer.update)
    for _ in range(6):
        _, state = update(jnp.ones(3), state, jnp.zeros(3))
    done = 2 if isinstance(optimizer, optax.MultiSteps) else 6
    assert gl.optax.state_dict(RATE, state)["step"] == done


def test_counts_that_do_not_agree_are_told_and_the_step_may_be_given():
    done, late = optax.adam(RATE), optax.adam(RATE)
    _, state = done.update(jnp.ones(()), done.init(jnp.zeros(())))
    both = (state, late.init(jnp.zeros(())))
    with pytest.raises(gl.ScheduleError, match=r"do not agree: .*ScheduleState.count': 1.*: 0"):
        gl.optax.state_dict(RATE, both)
    assert gl.optax.state_dict(RATE, jnp.int32(1)) == gl.optax.state_dict(RATE, state)
    with pytest.raises(gl.ScheduleError, match="there is no count in the state"):
        gl.optax.state_dict(RATE, optax.sgd(0.1).init(jnp.zeros(())))


def test_a_plateau_goes_on_from_the_optimizers_state():
    plateau = gl.Plateau(factor=0.5, patience=1)
    rate = plateau.on(RATE, after=10)

    def optimizer(rate):
        return optax.chain(optax.sgd(1.0), gl.optax.plateau(rate))

    state, update = optimizer(rate).init(jnp.zeros(())), jax.jit(optimizer(rate).update)
    for _ in range(20):
        _, state = update(jnp.ones(()), state, value=1.0)
    saved = gl.optax.state_dict(rate, state)
    assert saved["plateau"]["learning_rate"]["factor"] < 1
    assert gl.optax.resume(rate, saved) == rate
    other = gl.Plateau(factor=0.1, patience=1).on(RATE, after=10)
    with pytest.raises(gl.ScheduleMismatch, match="under another plateau"):
        gl.optax.resume(other, saved)
    assert gl.optax.resume(other, saved, "keep") == rate
    for policy in ("replace", "continue", "rewarm"):
        with pytest.raises(gl.ScheduleError, match="would begin the plateau of `learning_rate`"):
            gl.optax.resume(other, saved, policy)
    # the same plateau on another schedule: what it remembers counts on
    longer = gl.optax.resume(plateau.on(LONG, after=10), saved, "replace")
    change, _ = optimizer(longer).update(jnp.ones(()), state, value=0.5)
    factor = saved["plateau"]["learning_rate"]["factor"]
    assert float(-change) == float(np.float32(LONG(20) * factor))
    with pytest.raises(gl.ScheduleError, match="remembers, once; found 0"):
        gl.optax.state_dict(rate, optax.adam(RATE).init(jnp.zeros(())))


def test_refusals():
    for saved in ({}, {"step": 3}, 3, {"step": -1, "schedule": RATE.to_data()}):
        with pytest.raises(gl.ScheduleError, match="resume: "):
            gl.optax.resume(RATE, saved)
    with pytest.raises(gl.ScheduleError, match="`on_mismatch` must be one of"):
        gl.optax.resume(RATE, gl.optax.state_dict(RATE, 3), on_mismatch="extend")
    with pytest.raises(gl.ScheduleError, match="state_dict: `learning_rate` must be a schedule"):
        gl.optax.state_dict(0.1, 3)
    with pytest.raises(gl.ScheduleError, match="state_dict: `state` must be a whole number"):
        gl.optax.state_dict(RATE, 1.5)
