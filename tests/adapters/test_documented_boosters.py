"""The examples of the documentation of XGBoost, LightGBM, CatBoost, scikit-learn and optax.

With our adapters they warn of nothing: a warning is an error here, as in all tests.
"""

import catboost
import jax
import jax.numpy as jnp
import lightgbm
import numpy as np
import optax
import pytest
import sklearn.datasets
import xgboost
from flax import nnx
from sklearn.linear_model import Perceptron, SGDClassifier, SGDRegressor
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier

import glissando as gl

ROWS, LABELS = sklearn.datasets.load_breast_cancer(return_X_y=True)
ROWS, HELD_OUT, LABELS, HELD_OUT_LABELS = train_test_split(ROWS, LABELS, random_state=0)
RATE = gl.Constant(0.3, steps=30) >> gl.Cosine(0.3, 0.05, steps=30)
DECAY = gl.Geometric(0.05, 0.99)
PERCENT = "linear(0.05, 0.3, steps=10%) >> cosine(0.3, 0.01, steps=rest)"

REST = "linear(1, 0.5, steps=rest)"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def follow(rate=PERCENT, **options):
    return gl.xgboost.LearningRateScheduler(rate, **options)


# XGBoost: Get Started, and demo/guide-python

TREES = {"max_depth": 2, "objective": "binary:logistic", "nthread": 1}
TRAIN = xgboost.DMatrix(ROWS, LABELS)
TEST = xgboost.DMatrix(HELD_OUT, HELD_OUT_LABELS)


@pytest.mark.parametrize("rate", [REST, gl.Linear(1.0, 0.5, steps=2), gl.Constant(1.0), DECAY])
def test_xgboost_get_started(rate):
    model = xgboost.XGBClassifier(n_estimators=2, callbacks=[follow(rate)], **TREES)
    assert model.fit(ROWS, LABELS).predict(HELD_OUT).shape == HELD_OUT_LABELS.shape


@pytest.mark.parametrize("rate", [RATE, PERCENT, DECAY])
def test_xgboost_basic_walkthrough_and_early_stopping(rate):
    evals = [(TEST, "eval"), (TRAIN, "train")]
    log = {}
    stop = xgboost.callback.EarlyStopping(rounds=5, save_best=True)
    check = xgboost.callback.TrainingCheckPoint(".", interval=20, name="model")
    xgboost.train(
        TREES,
        TRAIN,
        num_boost_round=60,
        evals=evals,
        evals_result=log,
        callbacks=[follow(rate), stop, check],
        verbose_eval=False,
    )
    assert len(log["eval"]["logloss"]) > 5


def test_xgboost_continuation():
    """First 32 rounds and then 32 more, by the estimator and by `train`."""
    rate = gl.Cosine(0.3, 0.01, steps=64)
    first = xgboost.XGBClassifier(n_estimators=32, callbacks=[follow(rate)], **TREES)
    first.fit(ROWS, LABELS, eval_set=[(ROWS, LABELS)], verbose=False)
    second = xgboost.XGBClassifier(n_estimators=32, callbacks=[follow(rate)], **TREES)
    second.fit(ROWS, LABELS, xgb_model=first.get_booster())
    assert second.get_booster().num_boosted_rounds() == 64


def test_xgboost_cross_validation_and_grid_search():
    found = xgboost.cv(
        TREES,
        TRAIN,
        num_boost_round=10,
        nfold=3,
        metrics={"error"},
        seed=0,
        callbacks=[follow(), xgboost.callback.EarlyStopping(rounds=3)],
        as_pandas=False,
    )
    assert found
    model = xgboost.XGBClassifier(n_jobs=1, callbacks=[follow()])
    grid = GridSearchCV(model, {"max_depth": [2, 4], "n_estimators": [10, 20]}, cv=2)
    assert grid.fit(ROWS, LABELS).best_params_


# LightGBM: examples/python-guide

LEAVES = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1}


@pytest.mark.parametrize("rate", [RATE, PERCENT, DECAY])
def test_lightgbm_simple_example(rate):
    train = lightgbm.Dataset(ROWS, LABELS)
    valid = lightgbm.Dataset(HELD_OUT, HELD_OUT_LABELS, reference=train)
    log = {}
    callbacks = [
        lightgbm.early_stopping(stopping_rounds=5, verbose=False),
        lightgbm.record_evaluation(log),
        gl.lightgbm.learning_rate(rate),
    ]
    lightgbm.train(
        LEAVES, train, num_boost_round=20, valid_sets=[valid, train], callbacks=callbacks
    )
    assert log


def test_lightgbm_advanced_example():
    """Ten rounds, ten more by a saved model, and ten more with a bagging that changes."""
    rate = gl.lightgbm.learning_rate(DECAY)
    data = {"free_raw_data": False}
    train = lightgbm.Dataset(ROWS, LABELS, **data)
    model = lightgbm.train(LEAVES, train, num_boost_round=10, callbacks=[rate])
    model.save_model("model.txt")
    train = lightgbm.Dataset(ROWS, LABELS, **data)
    model = lightgbm.train(
        LEAVES, train, num_boost_round=10, init_model="model.txt", callbacks=[rate]
    )
    both = {"learning_rate": DECAY, "bagging_fraction": gl.Piecewise([0.7, 0.6], [25])}
    train = lightgbm.Dataset(ROWS, LABELS, **data)
    model = lightgbm.train(
        {**LEAVES, "bagging_freq": 1, "bagging_fraction": 0.7},
        train,
        num_boost_round=10,
        init_model=model,
        callbacks=[gl.lightgbm.learning_rate(both)],
    )
    assert model.current_iteration() == 30


def test_lightgbm_cv_and_sklearn_example():
    lightgbm.cv(LEAVES, lightgbm.Dataset(ROWS, LABELS), 10, nfold=3, callbacks=[rate_of_10()])
    model = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=7, verbose=-1, n_jobs=1)
    stop = lightgbm.early_stopping(5, verbose=False)
    model.fit(
        ROWS,
        LABELS,
        eval_X=HELD_OUT,
        eval_y=HELD_OUT_LABELS,
        eval_metric="binary_logloss",
        callbacks=[stop, gl.lightgbm.learning_rate(PERCENT)],
    )
    grid = GridSearchCV(model, {"n_estimators": [10, 20]}, cv=2)
    assert grid.fit(ROWS, LABELS, callbacks=[gl.lightgbm.learning_rate(PERCENT)]).best_params_


def rate_of_10():
    return gl.lightgbm.learning_rate(gl.Linear(0.3, 0.01, steps=10))


# CatBoost: usage examples


@pytest.mark.parametrize("rate", [REST, gl.Linear(1.0, 0.5, steps=2), gl.Constant(1.0), DECAY])
def test_catboost_usage_examples(rate):
    model = catboost.CatBoostClassifier(
        iterations=2, depth=2, loss_function="Logloss", verbose=False, allow_writing_files=False
    )
    train = catboost.Pool(ROWS, LABELS)
    fitted = gl.catboost.fit(model, rate, train, eval_set=(HELD_OUT, HELD_OUT_LABELS))
    assert fitted.predict_proba(HELD_OUT).shape == (len(HELD_OUT), 2)
    if rate != REST and rate.steps > 2:  # training continuation
        again = gl.catboost.fit(model, rate, train, init_model=fitted)
        assert again.tree_count_ == 4


# scikit-learn: out-of-core classification, the user guide of SGD


@pytest.mark.parametrize(
    "estimator",
    [
        SGDClassifier(learning_rate="constant", eta0=0.1, max_iter=5),
        Perceptron(),
        MLPClassifier(hidden_layer_sizes=(5,), random_state=0),
    ],
)
def test_scikit_learn_out_of_core(estimator):
    """Mini-batches in a loop, several times over."""
    rows = (ROWS - ROWS.mean(0)) / ROWS.std(0)
    rate = gl.Linear(0.1, 0.0, steps=3 * 4)
    model = gl.sklearn.Scheduled(estimator, rate)
    for _ in range(3):
        for batch in np.array_split(np.arange(len(rows)), 4):
            model.partial_fit(rows[batch], LABELS[batch], classes=[0, 1])
            model.score(rows, LABELS)
    endless = gl.sklearn.Scheduled(SGDRegressor(learning_rate="constant"), DECAY)
    for batch in np.array_split(np.arange(len(rows)), 100):
        endless.partial_fit(rows[batch], LABELS[batch])


# optax: Getting started, Optimizer schedules, Gradient accumulation; flax: MNIST with nnx

X = jax.random.normal(jax.random.key(0), (16, 3))
Y = X @ jnp.array([1.0, 2.0, 3.0])
WARM = gl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.0, steps=15)


def loss_of(weights):
    return ((X @ weights - Y) ** 2).mean()


def fit(optimizer, updates=20, step=1):
    weights = jnp.zeros(3)
    state = optimizer.init(weights)

    @jax.jit
    def train_step(weights, state):
        loss, gradients = jax.value_and_grad(loss_of)(weights)
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates), state, loss

    for _ in range(updates * step):
        weights, state, _ = train_step(weights, state)
    assert loss_of(weights) < loss_of(jnp.zeros(3))
    return state


OPTIMIZERS = {
    "adam": lambda: optax.adam(learning_rate=WARM),
    "for_run": lambda: optax.adamw(gl.optax.for_run(PERCENT, steps=20)),
    "chain": lambda: optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.scale_by_adam(),
        optax.scale_by_schedule(WARM),
        optax.scale(-1.0),
    ),
    "inject": lambda: gl.optax.inject(optax.adamw, learning_rate=WARM),
    "inject_hyperparams": lambda: optax.inject_hyperparams(optax.adamw)(learning_rate=WARM),
    "apply_if_finite": lambda: optax.apply_if_finite(optax.adam(WARM), 5),
    "multi_transform": lambda: optax.multi_transform({"a": optax.adam(WARM)}, "a"),
    "joined": lambda: optax.sgd(optax.join_schedules([WARM, optax.constant_schedule(0.0)], [20])),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optax_getting_started_and_schedules(name):
    state = fit(OPTIMIZERS[name]())
    saved = gl.optax.state_dict(WARM, state)
    assert gl.optax.resume(WARM, saved) == WARM


def test_optax_gradient_accumulation_and_eager_training():
    state = fit(optax.MultiSteps(optax.adam(WARM), every_k_schedule=2), step=2)
    assert gl.optax.state_dict(WARM, state)["step"] == 20
    with jax.disable_jit():
        fit(gl.optax.inject(optax.adamw, learning_rate=WARM))


def test_flax_nnx_mnist():
    model = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    rate = gl.optax.for_run("cosine(0.05, 0, steps=rest)", steps=10)
    optimizer = nnx.Optimizer(model, optax.adamw(rate, 0.9), wrt=nnx.Param)

    @nnx.jit
    def train_step(model, optimizer):
        gradients = nnx.grad(lambda model: ((model(X)[:, 0] - Y) ** 2).mean())(model)
        optimizer.update(model, gradients)

    for _ in range(10):
        train_step(model, optimizer)
    gl.optax.state_dict(rate, optimizer.opt_state)
