"""What is saved, and what happens when it was saved under another schedule."""

import json

import keras
import pytest
from probe import WARM_UP, close, fit, network, rates

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

OTHER = gl.Cosine(0.25, 0.0, steps=60)
units = pytest.mark.parametrize("unit", ["epoch", "step"])
UPDATES = 60  # 15 epochs of 4


def run(unit):
    steps = range(UPDATES) if unit == "step" else [e for e in range(UPDATES // 4) for _ in range(4)]
    return rates(WARM_UP, steps)


class Stop(keras.callbacks.Callback):
    """Break off after an update."""

    def __init__(self, update):
        super().__init__()
        self.update = update

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if 4 * self.epoch + batch + 1 == self.update:
            raise KeyboardInterrupt


class Checkpoints(keras.callbacks.Callback):
    """Take down after each update what a checkpoint would hold."""

    def __init__(self, *callbacks):
        super().__init__()
        self.callbacks = callbacks
        self.taken = []

    def on_train_batch_end(self, batch, logs=None):
        variables = [keras.ops.convert_to_numpy(v.value) for v in self.model.optimizer.variables]
        self.taken.append((variables, json.dumps([c.state_dict() for c in self.callbacks])))


@pytest.mark.parametrize("form", ["step", "graph"])
def test_pain_11_resumed_after_each_of_60_updates(form):
    def build():
        graph = form == "graph"
        model = network(keras.optimizers.SGD(LearningRateSchedule(WARM_UP) if graph else 0.5))
        model.optimizer.build(model.trainable_variables)
        return model, [] if graph else [LearningRateScheduler(WARM_UP, unit="step")]

    model, callbacks = build()
    checkpoints = Checkpoints(*callbacks)
    wanted, _ = fit(model, *callbacks, checkpoints, epochs=15)
    assert close(wanted, run("step"), WARM_UP.bound())
    assert form == "graph" or wanted == run("step")
    model, _ = build()  # once, and set to each checkpoint, for it is compiled
    for done, (variables, states) in enumerate(checkpoints.taken[:-1], 1):
        for variable, value in zip(model.optimizer.variables, variables, strict=True):
            variable.assign(value)
        _, callbacks = build() if form == "step" else (None, [])
        for callback, state in zip(callbacks, json.loads(states), strict=True):
            callback.load_state_dict(state)
        moves, _ = fit(model, *callbacks, epochs=1, batches=UPDATES - done)
        assert moves == wanted[done:], done


@units
def test_the_state_is_two_plain_entries(unit):
    callback = LearningRateScheduler(WARM_UP, unit=unit)
    assert callback.state_dict() == {"step": 0, "schedule": WARM_UP.to_data()}
    fit(network(), callback, epochs=3)
    step = 12 if unit == "step" else 3
    assert callback.state_dict() == {"step": step, "schedule": WARM_UP.to_data()}
    both = LearningRateScheduler({"learning_rate": WARM_UP, "momentum": gl.Constant(0.5)})
    assert set(both.state_dict()["schedule"]) == {"learning_rate", "momentum"}


@units
@pytest.mark.parametrize("optimizer_first", [True, False])
@pytest.mark.parametrize("optimizer_too", [True, False])
def test_pain_11_loaded_in_every_order(unit, optimizer_first, optimizer_too):
    model, callback = network(), LearningRateScheduler(WARM_UP, unit=unit)
    fit(model, callback, epochs=3)
    state = callback.state_dict()
    states = [keras.ops.convert_to_numpy(v.value) for v in model.optimizer.variables]
    model, callback = network(), LearningRateScheduler(WARM_UP, unit=unit)

    def optimizer():
        if optimizer_too:
            model.optimizer.build(model.trainable_variables)
            for variable, value in zip(model.optimizer.variables, states, strict=True):
                variable.assign(value)

    steps = [optimizer, lambda: callback.load_state_dict(state)]
    for step in steps if optimizer_first else steps[::-1]:
        step()
    assert fit(model, callback, epochs=12)[0] == run(unit)[12:]


def test_a_state_loaded_twice_is_loaded_once(capsys):
    callback = LearningRateScheduler(WARM_UP, unit="step", verbose=1)
    for _ in range(2):
        callback.load_state_dict({"step": 7, "schedule": WARM_UP.to_data()})
    assert fit(network(), callback, epochs=1)[0] == rates(WARM_UP, range(7, 11))
    assert "Starting at step 7, by load_state_dict" in capsys.readouterr().out


@pytest.mark.parametrize(
    "state",
    [
        {"step": 3},
        {"step": -1, "schedule": WARM_UP.to_data()},
        {"step": 3, "schedule": {"type": "no such"}},
        {"step": 3, "schedule": OTHER.to_data()},
        None,
    ],
)
def test_a_bad_state_changes_nothing(state):
    callback = LearningRateScheduler(WARM_UP, unit="step")
    with pytest.raises(gl.ScheduleError):
        callback.load_state_dict(state)
    assert fit(network(), callback, epochs=1)[0] == rates(WARM_UP, range(4))


def after(policy, k):
    """Return the schedule that a policy goes on with after k steps of WARM_UP."""
    return {
        "keep": WARM_UP.drop(k),
        "replace": OTHER.drop(k),
        "continue": OTHER.drop(k) * (WARM_UP(k) / OTHER(k)),
        "rewarm": OTHER,
    }[policy]


policies = pytest.mark.parametrize("policy", ["keep", "replace", "continue", "rewarm"])


@units
@policies
def test_pain_04_the_policies_after_another_schedule(unit, policy):
    callback = LearningRateScheduler(WARM_UP, unit=unit)
    fit(network(), callback, epochs=2)
    state = callback.state_dict()
    again = LearningRateScheduler(OTHER, unit=unit)
    with pytest.raises(gl.ScheduleMismatch, match=r"'keep' .*'replace' .*'continue' .*'rewarm'"):
        again.load_state_dict(state)
    again.load_state_dict(state, on_mismatch=policy)
    moves, _ = fit(network(), again, epochs=2)
    steps = range(8) if unit == "step" else [0] * 4 + [1] * 4
    assert moves == pytest.approx(rates(after(policy, state["step"]), steps), rel=1e-6)


@units
@pytest.mark.parametrize("backup_first", [True, False])
def test_pain_04_a_backup_of_another_schedule_is_found_out(unit, backup_first, tmp_path):
    def train(schedule, *more, epochs=4, **options):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        both = [LearningRateScheduler(schedule, unit=unit, **options), backup]
        return fit(network(), *(both[::-1] if backup_first else both), *more, epochs=epochs)[0]

    with pytest.raises(KeyboardInterrupt):
        train(WARM_UP, Stop(9))
    with pytest.raises(gl.ScheduleMismatch, match="saved after"):
        train(OTHER)
    k = 8 if unit == "step" else 2
    steps = range(8) if unit == "step" else [0] * 4 + [1] * 4
    moves = train(OTHER, on_mismatch="continue")
    assert moves == pytest.approx(rates(after("continue", k), steps), rel=1e-6)


def test_a_backup_of_another_unit_is_found_out(tmp_path):
    def train(unit, *more):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return fit(network(), LearningRateScheduler(WARM_UP, unit=unit), backup, *more)

    with pytest.raises(KeyboardInterrupt):
        train("epoch", Stop(9))
    with pytest.raises(gl.ScheduleError, match=r"saved with unit='epoch', but `unit` is 'step'"):
        train("step")


def test_a_backup_of_two_callbacks_and_one_of_several_names(tmp_path):
    rate, decay = LearningRateScheduler(WARM_UP), {"weight_decay": gl.Constant(0.25)}

    def train(folder, callbacks, *more):
        model = network(keras.optimizers.SGD(0.5, weight_decay=0.5, momentum=0.5))
        backup = keras.callbacks.BackupAndRestore(tmp_path / folder)
        fit(model, *callbacks, backup, *more, epochs=4)
        return model

    two = [rate, LearningRateScheduler(decay, unit="step")]
    with pytest.raises(KeyboardInterrupt):
        train("two", two, Stop(9))
    model = train("two", [LearningRateScheduler(WARM_UP), LearningRateScheduler(decay, "step")])
    assert float(model.optimizer.learning_rate) == rates(WARM_UP, [3])[0]

    both = {"learning_rate": WARM_UP, "momentum": gl.Linear(0.5, 0.25, steps=4)}
    with pytest.raises(KeyboardInterrupt):
        train("both", [LearningRateScheduler(both)], Stop(9))
    with pytest.raises(gl.ScheduleMismatch, match="schedules of learning_rate, momentum"):
        train("both", [LearningRateScheduler(OTHER)])
    model = train("both", [LearningRateScheduler(OTHER, on_mismatch="keep")])
    assert float(model.optimizer.learning_rate) == rates(WARM_UP, [3])[0]
    assert model.optimizer.momentum == 0.3125


def test_weights_saved_with_a_state_load_anywhere(tmp_path):
    model = network()
    fit(model, LearningRateScheduler(WARM_UP, unit="step"), epochs=2)
    model.save_weights(tmp_path / "with.weights.h5")
    model.save(tmp_path / "with.keras")
    bare = network()
    bare.optimizer.build(bare.trainable_variables)
    bare.save_weights(tmp_path / "without.weights.h5")
    bare.load_weights(tmp_path / "with.weights.h5")
    assert int(bare.optimizer.iterations) == 8
    loaded = keras.models.load_model(tmp_path / "with.keras")
    assert fit(loaded, LearningRateScheduler(OTHER, unit="step"), epochs=1)[0] == rates(
        OTHER, range(8, 12)
    )
    model.load_weights(tmp_path / "without.weights.h5")
    callback = LearningRateScheduler(WARM_UP, unit="step")
    assert fit(model, callback, epochs=1)[0] == rates(WARM_UP, range(4))
    # this model has a memory, so the state is found and the other schedule found out
    model.load_weights(tmp_path / "with.weights.h5")
    with pytest.raises(gl.ScheduleMismatch):
        fit(model, LearningRateScheduler(OTHER, unit="step"), epochs=1)


def test_functions():
    def halving(step):
        return 0.5**step

    callback = LearningRateScheduler(halving, unit="step")
    fit(network(), callback, epochs=1)
    state = json.loads(json.dumps(callback.state_dict()))
    again = LearningRateScheduler(halving, unit="step")
    again.load_state_dict(state)
    assert fit(network(), again, epochs=1)[0] == rates(halving, range(4, 8))
    with pytest.raises(gl.ScheduleMismatch):
        LearningRateScheduler(lambda step: 0.1, unit="step").load_state_dict(state)
    with pytest.raises(gl.ScheduleError, match="it has no state"):
        LearningRateScheduler(lambda epoch, rate: rate).state_dict()


@policies
@pytest.mark.parametrize("loaded", [True, False])
def test_pain_04_the_policies_in_graph(policy, loaded, tmp_path):
    model = network(keras.optimizers.SGD(LearningRateSchedule(WARM_UP)))
    fit(model, epochs=2)
    if loaded:
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    assert gl.keras.resume(model, WARM_UP) == WARM_UP
    with pytest.raises(gl.ScheduleMismatch, match="saved after 8 updates"):
        gl.keras.resume(model, OTHER)
    found = gl.keras.resume(model, OTHER, on_mismatch=policy)
    assert model.optimizer.get_config()["learning_rate"]["config"]["schedule"] == found.to_data()
    moves, _ = fit(model, epochs=1)
    assert close(moves, rates(after(policy, 8), range(4)), 0.25)


def test_resume_refuses_what_it_cannot():
    with pytest.raises(gl.ScheduleError, match="resume: the optimizer must have been built with"):
        gl.keras.resume(network(), WARM_UP)
    with pytest.raises(gl.ScheduleError, match="`on_mismatch` must be one of"):
        gl.keras.resume(network(), WARM_UP, on_mismatch="ignore")
    with pytest.raises(gl.ScheduleError, match="must be a glissando schedule"):
        gl.keras.resume(network(), 0.1)
