"""A damaged file says in words that it is damaged, and never goes on at a wrong rate."""

import json
import random
import zipfile

import h5py
import keras
import numpy as np
import pytest
from probe import fit, network, rates

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler
from glissando.adapters.keras.saved_state import saved_state_of

RATE = gl.Linear(0.1, 0.0, steps=16)
ON = gl.Plateau("keras", factor=0.5, patience=2).on(RATE)


def follow(**options):
    return LearningRateScheduler(ON, unit="step", monitor="loss", **options)


def saved(path):
    """Save weights with a callback's state, and return where in the file that is."""
    model = network()
    fit(model, follow(restore_best=True), epochs=2)
    model.save_weights(path)
    with h5py.File(path) as file:
        names = []
        file.visit(names.append)
    (place,) = [name for name in names if name.endswith("/states")]
    return place


def write(path, place, content):
    with h5py.File(path, "r+") as file:
        del file[place]
        file[place] = np.frombuffer(content, np.uint8)


def loaded(path):
    """Return a model with these weights, which knows of a callback's state."""
    model = network()
    fit(model, LearningRateScheduler(gl.Constant(0.1), unit="step"), epochs=1)
    model.load_weights(path)
    return model


def go_on(model, **options):
    return fit(model, follow(**options), epochs=1)[0]


DAMAGED = [
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'{"learning_rate": 3}',
    b'{"learning_rate": {"unit": "batch", "offset": 0}}',
    b'{"learning_rate": {"unit": "step", "offset": 0.5, "step": 8}}',
    b'{"learning_rate": {"unit": "step", "offset": 0, "step": "8"}}',
    b'{"learning_rate": {"unit": "step", "offset": 0, "step": 8}}',
    b'{"learning_rate": {"unit": "step", "offset": 0, "step": 8, "schedule": 1}}',
    b'{"learning_rate": {"unit": "step", "offset": 0, "step": -8, "schedule": {}}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_state_is_told_when_training_goes_on(content, tmp_path):
    path = tmp_path / "model.weights.h5"
    write(path, saved(path), content)
    with pytest.raises(gl.ScheduleError, match=r"damaged|saved state"):
        go_on(loaded(path))
    model = loaded(path)  # its weights and the optimizer's count are there, all the same
    assert int(model.optimizer.iterations) == 8


def test_a_damaged_state_can_be_replaced(tmp_path):
    path = tmp_path / "model.weights.h5"
    write(path, saved(path), b"{")
    assert go_on(loaded(path), on_mismatch="replace") == rates(RATE, range(8, 12))


def test_best_weights_of_another_model_are_told(tmp_path):
    path = tmp_path / "model.weights.h5"
    place = saved(path).removesuffix("states")
    with h5py.File(path, "r+") as file:
        (best,) = [key for key in file[place] if key.startswith("best")]
        del file[place][best]
        file[place][best] = np.zeros((2, 2))
    with pytest.raises(gl.ScheduleError, match=r"best weights .* not of this model, or damaged"):
        go_on(loaded(path), restore_best=True)


def test_no_state_that_was_changed_at_random_gives_another_error(tmp_path):
    path = tmp_path / "model.weights.h5"
    place = saved(path)
    with h5py.File(path) as file:
        content = bytes(file[place][:])
    state = saved_state_of(network().optimizer)
    chance = random.Random(0)
    values = [None, -1, 0.5, 10**400, "x", [], {}, [[1]], True, float("nan"), float("inf")]

    def mutated(value):
        if isinstance(value, dict) and value and chance.random() < 0.8:
            key = chance.choice(list(value))
            if chance.random() < 0.2:
                return {name: v for name, v in value.items() if name != key}
            return value | {key: mutated(value[key])}
        return chance.choice(values)

    def changed():
        if chance.random() < 0.5:
            return json.dumps(mutated(json.loads(content))).encode()
        found = bytearray(content)
        found[chance.randrange(len(found))] = chance.randrange(256)
        return bytes(found)

    refused = 0
    for _ in range(300):
        callback = follow()
        state.load_own_variables({"states": np.frombuffer(changed(), np.uint8)})
        try:
            found = state.take(["learning_rate"], "raise")
            if found is not None:
                own = {k: v for k, v in found.items() if k not in ("unit", "offset", "best")}
                callback.load_state_dict(own)
        except gl.ScheduleError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "config", [{}, None, {"schedule": None}, {"schedule": {"type": "no such"}}, {"rate": 1}]
)
def test_a_damaged_schedule_in_a_saved_model_is_told(config):
    with pytest.raises(gl.ScheduleError):
        LearningRateSchedule.from_config(config)
    optimizer = keras.optimizers.SGD(LearningRateSchedule(RATE)).get_config()
    optimizer["learning_rate"]["config"] = config
    if isinstance(config, dict):
        with pytest.raises(gl.ScheduleError):
            keras.optimizers.SGD.from_config(optimizer)


def test_a_saved_model_whose_schedule_is_damaged_is_told_when_it_is_loaded(tmp_path):
    path, damaged = tmp_path / "model.keras", tmp_path / "damaged.keras"
    network(keras.optimizers.SGD(LearningRateSchedule(RATE))).save(path)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as other:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "config.json":
                assert b'"steps": 16' in content
                content = content.replace(b'"steps": 16', b'"steps": -16')
            other.writestr(name, content)
    with pytest.raises(gl.ScheduleError, match="`steps` must be"):
        keras.models.load_model(damaged)
