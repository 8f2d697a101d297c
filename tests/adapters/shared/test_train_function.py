"""What the training functions of all frameworks share."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from glissando.adapters.shared.train_function import Order, TrainFunction
from training_runs import elsewhere

RATE = gl.Linear(0.1, 0.0, steps=40)


class Function(TrainFunction):
    """Notes what it was asked for."""

    framework = "torch"

    def _train(self, run, resume, report):
        self.run = run
        return np.float32(0.5) + np.random.random()


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_an_epoch_has_each_row_once_and_the_next_another_order(rows, batch, seed):
    order = Order(rows, batch, seed)
    for epoch in range(2):
        steps = range(epoch * order.batches, (epoch + 1) * order.batches)
        drawn = np.concatenate([order.batch(step) for step in steps])
        assert len(set(drawn)) == len(drawn) == order.batches * order.size > rows - batch
    assert rows < 10 or list(order.of_epoch(0)) != list(order.of_epoch(1))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_the_batch_of_an_update_depends_on_nothing_before_it(steps):
    order = Order(30, 7, seed=2)
    for step in steps:
        assert np.array_equal(order.batch(step), Order(30, 7, seed=2).batch(step))


def test_a_run_is_validated_twenty_times_or_as_often_as_is_asked():
    train = Function("net", None)
    train(RATE)
    assert [k for k in range(1, 41) if train.run.observed_at(k)] == list(range(2, 41, 2))
    train(RATE.stretch(7))
    assert [k for k in range(1, 8) if train.run.observed_at(k)] == list(range(1, 8))
    train = Function("net", 30)
    train(RATE)
    assert [k for k in range(1, 41) if train.run.observed_at(k)] == [30, 40]


def test_it_is_seeded_and_leaves_the_random_states():
    np.random.seed(1)
    expected = np.random.random(2)
    np.random.seed(1)
    train = Function("net", None)
    assert train(RATE, seed=4) == train(RATE, seed=4) != train(RATE, seed=5)
    assert isinstance(train(RATE), float)
    assert np.array_equal(np.random.random(2), expected)


def test_it_says_what_it_trains():
    def my_net():
        pass

    train = Function(my_net, 5, batch=32)
    assert repr(train) == "gl.torch.train_function(my_net, batch=32, every=5)"
    assert (train.__name__, train.__module__, train.framework) == ("my_net", __name__, "torch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((gl.Constant(0.1),), "net: `schedule` must be a schedule that ends, such as gl.Constant"),
        ((0.1,), "net: `schedule` must be a schedule that ends, such as gl.Constant(0.1, steps="),
        ((RATE, -1), "net: `seed` must be"),
        ((RATE, 0, "nowhere"), "net: `resume` must be the folder of a checkpoint, got 'nowhere'"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(gl.ScheduleError, match=re.escape(message)):
        Function("net", None)(*arguments)
    with pytest.raises(gl.ScheduleError, match="train_function: `every` must be"):
        Function("net", 0)


def test_another_process_gives_the_same():
    """Functions of several frameworks, sent as a study sends them."""
    import torch
    from sklearn.linear_model import SGDRegressor

    x = np.random.default_rng(0).normal(size=(40, 3))
    inputs, targets = torch.from_numpy(x), torch.from_numpy(x[:, :1])

    def make():
        model = torch.nn.Sequential(
            torch.nn.Linear(3, 4), torch.nn.Dropout(), torch.nn.Linear(4, 1)
        )
        return model.double(), torch.optim.Adam(model.parameters())

    def loss(model, batch):
        return torch.nn.functional.mse_loss(model(batch[0]), batch[1])

    sgd = SGDRegressor(learning_rate="constant")
    params = {"subsample": 0.5, "nthread": 1}
    functions = [
        gl.torch.train_function(
            make, loss, (inputs, targets), lambda model: loss(model, (inputs, targets)).item()
        ),
        gl.sklearn.train_function(sgd, x, x[:, 0], x, x[:, 0]),
        gl.xgboost.train_function(params, (x, x[:, 0]), (x, x[:, 0])),
    ]
    assert elsewhere(functions, RATE, 3) == [train(RATE, 3) for train in functions]
