"""`gl.xgboost.train_function`: what a study trains, a round a step."""

import re

import numpy as np
import pytest
import xgboost

import glissando as gl
from training_runs import Reports, exact

DRAWN = np.random.default_rng(0)
X = DRAWN.normal(size=(300, 6))
Y = X[:, 0] * X[:, 1] + 0.1 * DRAWN.normal(size=300)
TRAIN, VALID = (X[:200], Y[:200]), (X[200:], Y[200:])
RATE = gl.Linear(0.5, 0.1, steps=9)


def function(every=None, **params):
    params = {"subsample": 0.7, "max_depth": 3, "nthread": 1} | params
    return gl.xgboost.train_function(params, TRAIN, VALID, every=every)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"colsample_bynode": 0.5, "num_parallel_tree": 2},
        {"tree_method": "exact"},
        {"tree_method": "approx", "colsample_bytree": 0.5},
        {"booster": "dart", "rate_drop": 0.4},
    ],
    ids=str,
)
def test_an_interruption_after_any_round_changes_no_bit(params, tmp_path):
    train = function(**params)
    whole = exact(train, RATE, 5, tmp_path)
    saved = [xgboost.Booster(model_file=folder / "9" / "xgboost.ubj")
             for folder in (whole.folder, tmp_path / "from 4")]  # fmt: skip
    assert saved[0].save_raw() == saved[1].save_raw()
    assert train(RATE, 6) != whole.losses[9]


def test_also_on_a_plateau(tmp_path):
    rate = gl.Plateau("torch", factor=0.5, patience=0, threshold=0.5).on(gl.Constant(0.5, steps=9))
    whole = exact(function(every=2), rate, 5, tmp_path)
    assert whole.losses[9] != function(every=2)(rate.schedule, 5)
    assert list(whole.losses) == [2, 4, 6, 8, 9]


def test_round_k_uses_the_rate_of_step_k(tmp_path):
    ones = np.ones((8, 1))
    params = {"base_score": 0.0, "lambda": 0, "min_child_weight": 0, "subsample": 1.0}
    with pytest.warns(UserWarning, match="every seed gives the same result"):
        train = gl.xgboost.train_function(params, (ones, ones[:, 0]), (ones, ones[:, 0]))
    reports = Reports(tmp_path, ())
    train(RATE, report=reports)  # each round takes its rate's share of what is left
    left = 1.0
    for step in range(9):
        left *= 1 - RATE(step)
        assert reports.losses[step + 1] == pytest.approx(left, rel=1e-5)


def test_it_is_as_xgboost_trains():
    """Where nothing is drawn, and with the adapter's callback."""
    params = {"max_depth": 3, "nthread": 1, "seed": 1}
    found: dict = {}
    xgboost.train(
        params, xgboost.DMatrix(*TRAIN), 9,
        evals=[(xgboost.DMatrix(*VALID), "valid")], evals_result=found, verbose_eval=False,
        callbacks=[gl.xgboost.LearningRateScheduler(RATE)],
    )  # fmt: skip
    with pytest.warns(UserWarning, match="every seed gives the same result: add subsample=0"):
        train = function(subsample=1.0)
    assert train(RATE) == pytest.approx(found["valid"]["rmse"][-1], abs=1e-5)  # as it is printed


def test_metrics_weights_and_functions_that_return_the_data():
    params = {"eval_metric": ["rmse", "mae"], "subsample": 0.7, "nthread": 1}

    def made():
        return xgboost.DMatrix(*VALID)

    both = [
        gl.xgboost.train_function(params, (*TRAIN, np.ones(200)), made, metric=metric)(RATE)
        for metric in (None, "mae", "rmse")
    ]
    assert both[0] == both[1] < both[2]
    with pytest.raises(gl.ScheduleError, match=r"`metric` must be .*'rmse'.*'mae', got 'auc'"):
        gl.xgboost.train_function(params, TRAIN, made, metric="auc")(RATE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"params": 3}, "`params` must be a mapping, such as {'max_depth': 6}, got 3"),
        ({"train": xgboost.DMatrix(*TRAIN)}, "`train` must be (X, y), (X, y, weights), or a func"),
        ({"valid": None}, "`valid` must be (X, y), (X, y, weights), or a function that returns a"),
        ({"valid": lambda: VALID}, "the function `valid` must return a DMatrix, got"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    given = {"params": {"subsample": 0.5}, "train": TRAIN, "valid": VALID} | arguments
    with pytest.raises(gl.ScheduleError, match=re.escape(f"train_function: {message}")):
        gl.xgboost.train_function(**given)(RATE)
