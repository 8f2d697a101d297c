"""A model that was tried at many rates trains on as one that never was: bit for bit."""

import errno
import random
import resource

import keras
import numpy as np
import pytest
from probe import BACKEND, network, prediction, weight

import glissando as gl
from glissando.finder import random_state

DRAWN = np.random.default_rng(0)
X, Y = DRAWN.normal(size=(24, 4)), DRAWN.normal(size=(24, 1))
RAMP = (1e-3, 0.1, 10.0)
RATE = gl.Linear(0.0, 0.1, steps=5) >> gl.Constant(0.1)
QUICK = {} if BACKEND == "jax" else {"run_eagerly": True}
"""What makes a few updates quick; on JAX, that is to compile them."""

optimizers = keras.optimizers


def deep(optimizer, **options):
    """Return a model with all that an update can change; the same one each time."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6, kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer, "mse", metrics=["mae"], **options)
    return model


def fit(model):
    model.fit(X, Y, batch_size=12, epochs=1, verbose=0)
    return model


def bits(model):
    """Return all variables, and what the random generators give next."""
    held = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
    values = [keras.ops.convert_to_numpy(variable.value).tobytes() for variable in held]
    return [*values, random.random(), np.random.random()]


def tried(training, *, seeds=(0, 1)):
    """Try the rates as `gl.find_rate` does; return the losses."""
    with random_state.kept():
        state, losses = training.save(), []
        try:
            for seed in seeds:
                training.restore(state)
                training.reseed(seed)
                losses.append([training.step(rate) for rate in RAMP])
        finally:
            training.restore(state)
    return losses


def both(make, prepare, between):
    """Return the bits of a model that trains on, and of one that was tried in between."""
    found = []
    for act in (lambda _: None, between):
        model = prepare(make())
        keras.utils.set_random_seed(9)
        act(model)
        found.append(bits(fit(model)))
    return found


MADE = {
    "momentum, not built": (lambda: deep(optimizers.SGD(0.1, momentum=0.9)), False),
    "Adam": (lambda: deep(optimizers.Adam(0.01), **QUICK), True),
    "AdamW, a schedule": (
        lambda: deep(optimizers.AdamW(gl.keras.LearningRateSchedule(RATE))),
        True,
    ),
    "several": (
        lambda: deep(
            optimizers.MultiOptimizer(
                optimizers.OptimizerMap(optimizers.SGD(0.1), {".*bias": optimizers.Adam(0.01)})
            ),
            **QUICK,
        ),
        True,
    ),
}


@pytest.mark.parametrize(("make", "trained"), MADE.values(), ids=MADE)
def test_training_goes_on_bit_for_bit(make, trained):
    def between(model):
        losses = tried(gl.keras.Training(model, X, Y, batch_size=12), seeds=(0, 1, 0))
        assert losses[0] == losses[2] != losses[1]

    expected, found = both(make, fit if trained else lambda model: model, between)
    assert found == expected


def test_mixed_precision_with_a_loss_scale():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        make = lambda: deep(optimizers.Adam(0.01), **QUICK)  # noqa: E731
        expected, found = both(
            make, fit, lambda model: tried(gl.keras.Training(model, X, Y, batch_size=12))
        )
        assert found == expected
    finally:
        keras.config.set_dtype_policy("float32")


class Interrupted(keras.Sequential):
    """A model whose updates break off, before the given one, after it, or halfway."""

    def break_off(self, where, update):
        # in a dict, for a plain attribute would be put back
        self.__dict__["plan"] = {"where": where, "left": update}

    def _pass(self, where):
        plan = self.__dict__.get("plan")
        if plan and plan["where"] == where:
            plan["left"] -= 1
            if plan["left"] == 0:
                raise KeyboardInterrupt

    def train_on_batch(self, *args, **kwargs):
        self._pass("before")
        logs = super().train_on_batch(*args, **kwargs)
        self._pass("after")
        return logs

    def jax_state_sync(self):
        self._pass("halfway")
        super().jax_state_sync()


@pytest.mark.parametrize("where", ["before", "after", *["halfway"] * (BACKEND == "jax")])
def test_interrupted_at_any_update(where):
    def make():
        layers = deep(optimizers.SGD()).layers
        model = Interrupted([keras.Input((4,)), *layers])
        model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"], **QUICK)
        return model

    def between(model):
        training = gl.keras.Training(model, X, Y, batch_size=12)
        for update in range(1, 7):
            model.break_off(where, update)
            with pytest.raises(KeyboardInterrupt):
                tried(training)
        model.break_off("never", 0)

    expected, found = both(make, lambda model: model, between)
    assert found == expected


def test_data_that_fail():
    def broken():
        yield X[:12], Y[:12]
        raise OSError("the network is gone")

    model = deep(optimizers.SGD(0.1, momentum=0.9), **QUICK)
    training = gl.keras.Training(model, lambda: broken())
    before = bits(model)[:-2]
    with pytest.raises(OSError, match="the network is gone"):
        tried(training)
    assert bits(model)[:-2] == before


@pytest.mark.parametrize("compiled", [False, True])
def test_the_rate_is_used(compiled):
    """Its gradient is 1: the weight moves by the rate."""
    traces = []

    def loss(target, predicted):
        traces.append(1)
        return prediction(target, predicted)

    schedules = optimizers.schedules
    for own in (
        0.5,
        gl.keras.LearningRateSchedule(RATE),
        schedules.ExponentialDecay(0.1, 5, 0.9),
    ):
        model = network(optimizers.SGD(own), run_eagerly=not compiled)
        model.compile(model.optimizer, loss, run_eagerly=not compiled)
        training = gl.keras.Training(model, np.ones((4, 1)), np.ones((4, 1)), batch_size=1)
        state = training.save()
        training.step(1e-3)
        moved = [weight(model)]
        traces.clear()
        for rate in (0.01, 0.1, 1.0):
            training.step(rate)
            moved.append(weight(model))
        assert -np.diff(moved) == pytest.approx([0.01, 0.1, 1.0], rel=1e-5)
        if compiled and BACKEND != "torch":
            assert not traces
        training.restore(state)
        if isinstance(own, float):
            assert float(model.optimizer.learning_rate) == own
        else:
            assert model.optimizer._learning_rate is own
            assert len(model.optimizer.variables) == 1
        assert model.train_function is None
        assert weight(model) == 0


def test_several_optimizers_keep_their_proportion():
    inputs = keras.Input((1,))
    options = {"use_bias": False, "kernel_initializer": "zeros"}
    parts = [keras.layers.Dense(1, name=name, **options)(inputs) for name in "ab"]
    model = keras.Model(inputs, keras.layers.Add()(parts))
    slow = optimizers.SGD(gl.keras.LearningRateSchedule(gl.Linear(0.0, 0.05, steps=1)))
    fast = optimizers.SGD(gl.keras.LearningRateSchedule(gl.Linear(0.0, 0.2, steps=1)))
    several = optimizers.MultiOptimizer(optimizers.OptimizerMap(slow, {"a/.*": fast}))
    model.compile(several, prediction, **QUICK)
    gl.keras.Training(model, np.ones((4, 1)), np.ones((4, 1))).step(0.8)
    moved = [-keras.ops.convert_to_numpy(one.value).item() for one in model.trainable_weights]
    assert moved == pytest.approx([0.8, 0.2])


def test_an_update_takes_the_batches_that_are_left_to_it():
    model = network(optimizers.SGD(0.5, gradient_accumulation_steps=4), **QUICK)
    training = gl.keras.Training(model, np.ones((4, 1)), np.ones((4, 1)), batch_size=1)
    training.step(0.25)
    assert weight(model) == -0.25
    model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    training.step(0.5)
    assert weight(model) == -0.75
    assert int(model.optimizer._iterations) == 8


def test_the_loss_is_that_of_the_batch_alone():
    def batches():
        for value in (1.0, 2.0, 6.0):
            yield np.full((2, 1), value), np.zeros((2, 1))

    kernel = keras.layers.Dense(
        1, use_bias=False, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.25)
    )
    model = keras.Sequential([keras.Input((1,)), kernel])
    model.compile(optimizers.SGD(0.5), prediction, **QUICK)
    training = gl.keras.Training(model, batches, validation_data=batches)
    losses = [training.step(0.0) for _ in range(6)]
    assert losses[:3] == losses[3:]
    assert sorted(losses[:3]) == [1.25, 2.25, 6.25]
    assert training.validate() == pytest.approx(3.25)


def test_a_step_of_the_users_own():
    class Own(keras.Sequential):
        def train_step(self, *args):
            *state, data = args
            if BACKEND == "jax":
                logs, state = super().train_step(*state, data)
                return {self.key: logs["loss"] + 1}, state
            return {self.key: super().train_step(data)["loss"] + 1}

    trainings = []
    for key in ("loss", "cost"):
        model = Own([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        model.key = key
        model.compile(optimizers.SGD(0.5), prediction, **QUICK)
        trainings.append(gl.keras.Training(model, np.ones((4, 1)), np.ones((4, 1))))
    assert trainings[0].step(0.1) == 2
    with pytest.raises(gl.ScheduleError, match="must return its loss under 'loss', got 'cost'"):
        trainings[1].step(0.1)


def test_the_state_on_disk(tmp_path):
    """Also of types that files of NumPy do not know."""
    layers = [keras.layers.Dense(2), keras.layers.Dense(1, dtype="bfloat16")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(optimizers.SGD(0.1, momentum=0.9), "mse", **QUICK)
    training = gl.keras.Training(model, X, Y, batch_size=12, directory=tmp_path)
    before, state = bits(model)[:-2], training.save()
    for _ in range(2):
        training.step(0.1)
        assert bits(model)[:-2] != before
        assert not list(tmp_path.iterdir())  # the file has no name
        training.restore(state)
        assert bits(model)[:-2] == before


def test_a_full_disk_fails_before_anything_changed(tmp_path):
    model = fit(deep(optimizers.Adam(0.01), **QUICK))
    training = gl.keras.Training(model, X, Y, batch_size=12, directory=tmp_path)
    before = bits(model)[:-2]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="cannot be kept in `directory`: File too") as caught:
            tried(training)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert bits(model)[:-2] == before
    assert not list(tmp_path.iterdir())


def drawn(training, seed, count=4):
    """Return the first inputs of some batches in the order of a seed."""
    training.reseed(seed)
    return [float(np.ravel(training._batches.draw()[0])[0]) for _ in range(count)]


class Indexed(keras.utils.PyDataset):
    """It augments by a generator of its own, counts what was read, and shuffles after an epoch."""

    def __init__(self):
        super().__init__()
        self.generator, self.read, self.order = np.random.default_rng(3), 0, list(range(20))

    def __len__(self):
        return len(self.order)

    def __getitem__(self, index):
        self.read += 1
        return np.full((1, 1), self.order[index] + self.generator.random()), np.zeros((1, 1))

    def on_epoch_end(self):
        self.order = self.order[::-1]


def loader():
    import torch

    rows = torch.arange(20.0).reshape(-1, 1)
    data = torch.utils.data.TensorDataset(rows, rows)
    own = torch.Generator().manual_seed(3)
    return torch.utils.data.DataLoader(data, batch_size=1, shuffle=True, generator=own)


def dataset():
    import tensorflow as tf

    tf.random.set_seed(4)
    augment = tf.random.Generator.from_seed(2)
    rows = tf.data.Dataset.range(20).shuffle(20).cache().shuffle(20)
    return rows.map(
        lambda row: (tf.cast([row], tf.float32) + augment.uniform((1,)), tf.zeros(1))
    ).batch(1)


# TensorFlow or PyTorch in the process of another backend cost seconds
KINDS = {"PyDataset": Indexed} | {
    "tensorflow": {"Dataset": dataset},
    "torch": {"DataLoader": loader},
    "jax": {},
}[BACKEND]


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_the_data_come_as_if_nobody_had_read_them(make):
    def epochs(data):
        return [float(np.ravel(batch[0])[0]) for _ in range(2) for batch in data]

    expected = epochs(make())
    data = make()
    training = gl.keras.Training(network(**QUICK), data, validation_data=data)
    with random_state.kept():
        state = training.save()
        orders = [drawn(training, seed) for seed in (1, 2)]
        training.restore(state)
        assert drawn(training, 1) == orders[0] != orders[1]
        training.restore(state)
        training.validate()
    assert epochs(data) == expected


def test_arrays_are_shuffled_by_the_seed():
    rows = np.arange(20.0).reshape(-1, 1)
    training = gl.keras.Training(network(**QUICK), {"a": rows}["a"], rows, batch_size=3)
    with random_state.kept():
        first, second = drawn(training, 1, 12), drawn(training, 2, 12)
    assert first != second
    assert len({*first[:6]}) == 6
    assert first[:6] != first[6:]


def test_what_is_refused():
    model = network(**QUICK)
    ones = np.ones((4, 1))
    for arguments, words in {
        (model, iter([(ones, ones)])): "give the function that makes the generator",
        (model, (row for row in ones)): "give the function that makes the generator",
        (model, lambda: iter(()), None): "`x` must have a batch or more, got none",
        (model, 3): "`x` must be what yields batches",
    }.items():
        with pytest.raises(gl.ScheduleError, match=words):
            gl.keras.Training(*arguments)
    for changed, words in (
        ({"y": np.ones((3, 1))}, r"the same number of rows, got \[3, 4\]"),
        ({"batch_size": 0}, "`batch_size` must be 1 or more, got 0"),
        ({"directory": "/nowhere"}, "`directory` must be a directory that is there"),
        ({"model": keras.Sequential([])}, "compiled with an optimizer"),
        ({"x": lambda: iter([]), "y": ones}, "leave `y` and `sample_weight` out"),
    ):
        with pytest.raises(gl.ScheduleError, match=words):
            gl.keras.Training(**{"model": model, "x": ones, "y": ones} | changed)


def test_a_model_that_was_compiled_anew():
    model = network(**QUICK)
    training = gl.keras.Training(model, np.ones((4, 1)), np.ones((4, 1)))
    model.compile(optimizers.SGD(0.5), prediction)
    with pytest.raises(gl.ScheduleError, match="the model was compiled anew"):
        training.step(0.1)


def test_a_model_that_is_not_built_is_built_as_by_its_first_batch():
    def make():
        keras.utils.set_random_seed(5)
        model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
        model.compile(optimizers.SGD(0.1, momentum=0.9), "mse", **QUICK)
        return model

    expected, found = both(
        make,
        lambda model: model,
        lambda model: tried(gl.keras.Training(model, X, Y, batch_size=12)),
    )
    assert found == expected
