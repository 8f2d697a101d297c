"""`gl.sklearn.train_function`: what a study trains, a call of `partial_fit` a step."""

import pickle
import re

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier, MLPRegressor

import glissando as gl
from training_runs import Reports, exact

X = np.random.default_rng(0).normal(size=(120, 4))
Y = X[:, 0] - X[:, 1]
RATE = gl.Linear(0.1, 0.0, steps=9)


def mean_log_loss(model, x, y):
    return log_loss(y, model.predict_proba(x))


SGD = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.5)
ESTIMATORS = [
    (SGD, mean_log_loss),
    (MLPClassifier((5,)), mean_log_loss),
    (MLPRegressor(hidden_layer_sizes=(5,)), None),
]


@pytest.mark.parametrize(("estimator", "loss"), ESTIMATORS, ids=lambda one: type(one).__name__)
def test_an_interruption_after_any_update_changes_no_bit(estimator, loss, tmp_path):
    y = Y > 0 if loss else Y
    train = gl.sklearn.train_function(estimator, X, y, X, y, batch=16, loss=loss, every=4)
    whole = exact(train, RATE, 5, tmp_path)
    saved = [pickle.loads((folder / "9" / "sklearn.pickle").read_bytes())[0]
             for folder in (whole.folder, tmp_path / "from 5")]  # fmt: skip
    first, second = (vars(one.estimator_).get("coefs_", [vars(one.estimator_).get("coef_")])
                     for one in saved)  # fmt: skip
    assert all(map(np.array_equal, first, second))
    assert train(RATE, 6) != whole.losses[9]
    assert not hasattr(estimator, "t_")  # a clone was trained


def probe(every=1, seen=None):
    """Return what trains a weight that moves to 1 by the rate's share of what is left."""
    one = SGDRegressor(penalty=None, fit_intercept=False, learning_rate="constant")
    loss = lambda model, x, y: 1.0 - model.coef_[0]  # noqa: E731
    ones = np.ones((20, 1))
    return gl.sklearn.train_function(
        one, ones, ones[:, 0], ones, ones[:, 0], batch=1, loss=loss, every=every
    )


def test_update_k_uses_the_rate_of_step_k(tmp_path):
    reports = Reports(tmp_path, ())
    probe()(RATE, report=reports)
    left = 1.0
    for step in range(9):
        left *= 1 - RATE(step)
        assert reports.losses[step + 1] == pytest.approx(left, rel=1e-12)


def test_a_plateau_observes_the_results(tmp_path):
    rate = gl.Plateau("torch", factor=0.5, patience=0, threshold=0.9).on(gl.Constant(0.1, steps=8))
    whole = exact(probe(every=2), rate, 0, tmp_path)
    assert whole.losses[4] == pytest.approx(0.9**4, rel=1e-12)
    assert whole.losses[6] == pytest.approx(0.9**4 * 0.95**2, rel=1e-12)


def test_without_a_loss_it_is_what_the_score_lacks():
    train = gl.sklearn.train_function(SGD, X[:80], Y[:80] > 0, X[80:], Y[80:] > 0, batch=200)
    assert round(40 * train(gl.Constant(0.1, steps=3)), 6) in range(20)


def test_another_schedule_goes_on_from_the_same_beginning(tmp_path):
    reports = Reports(tmp_path, {4})
    probe()(gl.Constant(0.1, steps=9), 2, None, reports)
    cooled = gl.Constant(0.1, steps=4) >> gl.Linear(0.1, 0.0, steps=4)
    assert probe()(cooled, 2, reports[4]) == probe()(cooled, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": LinearRegression()}, "`estimator` must be one of PassiveAggressiveClass"),
        ({"estimator": SGDRegressor()}, "build it with learning_rate='constant'"),
        ({"y_val": Y[:3]}, "`X_val` and `y_val` must have the same number of samples: Found"),
        ({"loss": "log_loss"}, "`loss` must be a function, such as lambda model, X, y: log_loss"),
        ({"loss": lambda *_: "low"}, "`loss` must return a number, got 'low'"),
        ({"batch": 0}, "`batch` must be"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    given = {"estimator": SGD, "X": X, "y": Y > 0, "X_val": X, "y_val": Y > 0} | arguments
    with pytest.raises(gl.ScheduleError, match=re.escape(message)):
        gl.sklearn.train_function(**given)(RATE)
