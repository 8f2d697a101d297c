"""scikit-learn: a weight at 0 with input 1 and target 1 moves by the rate, in one call."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import (
    LinearRegression,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.validation import check_is_fitted

import glissando as gl

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)

ONE = np.ones((1, 1))


def sgd(**options):
    options = {"learning_rate": "constant", "penalty": None, "fit_intercept": False, **options}
    return SGDRegressor(**options)


def table(schedule, n=60, start=0):
    """Return a schedule's rates; scikit-learn refuses 0, for which the smallest float stands."""
    return [schedule(k) or 5e-324 for k in range(start, start + n)]


def moves(model, n, **options):
    """Return what the weight moved by in each of `n` calls."""
    found = []
    for _ in range(n):
        if hasattr(model, "coef_"):
            model.coef_[:] = 0.0
        model.partial_fit(ONE, [1.0], **options)
        found.append(float(model.coef_.ravel()[0]))
    return found


PLAIN = {"penalty": None, "fit_intercept": False}
LINEAR = {
    "regressor": (sgd, {}),
    "classifier": (
        lambda: SGDClassifier(loss="hinge", learning_rate="constant", **PLAIN),
        {"classes": [0, 1]},
    ),
    "perceptron": (lambda: Perceptron(**PLAIN), {"classes": [0, 1]}),
    "pa1": (lambda: sgd(loss="epsilon_insensitive", epsilon=0.0, learning_rate="pa1"), {}),
    "passive-aggressive": (
        lambda: PassiveAggressiveRegressor(epsilon=0.0, fit_intercept=False),
        {},
    ),
    "passive-aggressive classifier": (
        lambda: PassiveAggressiveClassifier(fit_intercept=False),
        {"classes": [0, 1]},
    ),
}

# scikit-learn 1.8 deprecates them; they are served as long as they are there
old = pytest.mark.filterwarnings("ignore:Class PassiveAggressive.* is deprecated:FutureWarning")


@old
@pytest.mark.parametrize("kind", LINEAR)
def test_call_k_uses_the_rate_of_step_k(kind):
    make, options = LINEAR[kind]
    model = gl.sklearn.Scheduled(make(), WARM)
    assert moves(model, 60, **options) == table(WARM)
    assert model.step_ == 60


def test_the_one_class_machine_follows():
    machine = SGDOneClassSVM(learning_rate="constant", shuffle=False)
    model = gl.sklearn.Scheduled(machine, WARM)
    found = []
    for k in range(20):
        if k:
            model.coef_[:], model.offset_[:] = 0.0, 1.0
        model.partial_fit(ONE)
        found.append(model.coef_[0])
    assert found == pytest.approx(table(WARM, 20), rel=1e-15, abs=0)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("cls", [MLPRegressor, MLPClassifier])
def test_networks_follow_from_the_first_call_on(solver, cls):
    """Of two networks with the same weights, the one that is scheduled moves by its rate."""
    options = {
        "hidden_layer_sizes": (),
        "solver": solver,
        "alpha": 0.0,
        "random_state": 0,
        **({"momentum": 0.0} if solver == "sgd" else {}),
    }
    more = {} if cls is MLPRegressor else {"classes": [0, 1]}

    def trained(rate, model):
        """Return the network after one call at a rate, from where `model` is."""
        plain = cls(learning_rate_init=rate, **options)
        if model is not None:
            plain.__dict__.update(copy.deepcopy(model.estimator_.__dict__))
            plain._optimizer.learning_rate_init = plain.learning_rate_init = rate
            if solver == "sgd":
                plain._optimizer.learning_rate = rate
        return plain.partial_fit(ONE, [1], **more)

    model = gl.sklearn.Scheduled(cls(learning_rate_init=0.9, **options), WARM)
    for k in range(20):
        expected = trained(WARM(k) or 5e-324, model if k else None)
        model.partial_fit(ONE, [1], **more)
        assert model.coefs_[0] == expected.coefs_[0]


def test_a_network_moves_by_the_rate():
    network = MLPRegressor(
        hidden_layer_sizes=(), solver="sgd", momentum=0.0, alpha=0.0, random_state=0
    )
    model = gl.sklearn.Scheduled(network, WARM).partial_fit(ONE, [1.0])
    for k in range(1, 20):
        model.coefs_[0][:], model.intercepts_[0][:] = 0.0, 0.0
        assert model.partial_fit(ONE, [1.0]).coefs_[0] == WARM(k)


def test_a_call_is_a_step_however_many_samples_it_has():
    """An SGDRegressor makes one update a sample, all at the call's rate."""
    model = gl.sklearn.Scheduled(sgd(), gl.Piecewise([0.5, 0.25], [1]))
    three = np.ones((3, 1))
    assert model.partial_fit(three, np.ones(3)).coef_ == 1 - 0.5**3
    assert model.partial_fit(three, np.ones(3)).coef_ == 1 - 0.5**3 * 0.75**3
    assert model.step_ == 2


@pytest.mark.parametrize("k", range(60))
def test_interrupted_at_every_call_the_rest_is_bit_equal(k):
    model = gl.sklearn.Scheduled(sgd(), WARM)
    before = moves(model, k)
    again = pickle.loads(pickle.dumps(model))
    assert before + moves(again, 60 - k) == table(WARM)
    assert moves(copy.deepcopy(model), 60 - k) == table(WARM, 60 - k, k)


def test_a_clone_begins_at_step_0_and_an_estimator_that_has_learned_goes_on():
    model = gl.sklearn.Scheduled(sgd(), WARM)
    moves(model, 20)
    assert moves(clone(model), 5) == table(WARM, 5)
    learned = sgd(eta0=0.5).partial_fit(ONE, [1.0])
    model = gl.sklearn.Scheduled(learned, gl.Constant(0.25)).partial_fit(ONE, [1.0])
    assert model.coef_ == 0.625
    assert learned.coef_ == 0.5
    assert learned.eta0 == 0.5


def test_only_what_is_scheduled_is_written():
    estimator = sgd(eta0=0.9, random_state=3)
    model = gl.sklearn.Scheduled(estimator, WARM).partial_fit(ONE, [1.0])
    before, after = estimator.get_params(), model.estimator_.get_params()
    assert {name for name in before if before[name] != after[name]} == {"eta0"}


# Another schedule


def test_another_schedule_is_refused_and_nothing_is_changed():
    model = gl.sklearn.Scheduled(sgd(), WARM)
    moves(model, 30)
    model.set_params(schedule=LONGER)
    for _ in range(2):
        with pytest.raises(gl.ScheduleMismatch, match="saved after 30 updates under another"):
            model.partial_fit(ONE, [1.0])
    assert model.step_ == 30
    model.set_params(schedule=WARM)
    assert moves(model, 2) == table(WARM, 2, 30)


def test_a_length_that_becomes_known_later_is_no_other_schedule():
    open_ = gl.Constant(0.5).open_ended() >> gl.Linear(0.5, 0.0, steps=10)
    model = gl.sklearn.Scheduled(sgd(), open_)
    assert moves(model, 20) == [0.5] * 20
    told = open_.finish(steps=40)
    assert moves(model.set_params(schedule=told), 20) == table(told, 20, 20)


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("keep", WARM(30), WARM(31)),
        ("replace", LONGER(30), LONGER(31)),
        ("continue", WARM(30), LONGER(31) * WARM(30) / LONGER(30)),
        ("rewarm", 5e-324, LONGER(1)),
    ],
)
def test_policies(policy, first, second):
    model = gl.sklearn.Scheduled(sgd(), WARM)
    moves(model, 30)
    model.set_params(schedule=LONGER, on_mismatch=policy)
    model = pickle.loads(pickle.dumps(model))
    found = moves(model, 1)
    model = pickle.loads(pickle.dumps(model))
    assert found + moves(model, 1) == pytest.approx([first, second], rel=1e-15)


# Other parameters


def test_every_other_parameter_is_read_at_each_call():
    chance = np.random.default_rng(0)
    rows, target = chance.random((40, 3)), chance.random(40)
    elastic = {"penalty": "elasticnet", "learning_rate": "constant", "random_state": 0}
    cases = [
        (SGDRegressor(**elastic), "alpha", 1e-4, 1.0),
        (SGDRegressor(alpha=0.1, **elastic), "l1_ratio", 0.15, 0.9),
        (SGDClassifier(**elastic), "alpha", 1e-4, 1.0),
        (SGDClassifier(alpha=0.1, **elastic), "l1_ratio", 0.15, 0.9),
        (Perceptron(penalty="elasticnet", random_state=0), "alpha", 1e-4, 1.0),
        (Perceptron(penalty="elasticnet", alpha=0.1, random_state=0), "l1_ratio", 0.15, 0.9),
        (SGDOneClassSVM(learning_rate="constant", random_state=0), "nu", 0.5, 0.9),
        (MLPRegressor(hidden_layer_sizes=(4,), random_state=0), "alpha", 1e-4, 5.0),
        (MLPClassifier(hidden_layer_sizes=(4,), random_state=0), "alpha", 1e-4, 5.0),
    ]
    for estimator, name, a, b in cases:
        labels = (target > 0.5).astype(int) if is_classifier(estimator) else target
        more = {"classes": [0, 1]} if is_classifier(estimator) else {}

        def learn(value, estimator=estimator, name=name, labels=labels, more=more):
            model = clone(estimator)
            if isinstance(value, gl.Schedule):
                model = gl.sklearn.Scheduled(model, {name: value})
            found = []
            for at in range(0, 40, 10):
                if not isinstance(value, gl.Schedule):
                    model.set_params(**{name: value})
                model.partial_fit(rows[at : at + 10], labels[at : at + 10], **more)
                weights = getattr(model, "coef_", None)
                weights = model.coefs_[0] if weights is None else weights
                found.append(weights.copy().tolist())
            return found

        assert learn(gl.Constant(b)) == learn(b) != learn(a)
        switched = learn(gl.Piecewise([a, b], [2]))
        assert switched[:2] == learn(a)[:2]
        assert switched[2:] != learn(a)[2:]


def test_several_at_once():
    both = {"eta0": WARM, "alpha": gl.Linear(0.0, 1.0, steps=10)}
    model = gl.sklearn.Scheduled(sgd(penalty="l2", eta0=0.9), both)
    for k in range(10):
        model.partial_fit(ONE, [1.0])
        assert (model.estimator_.eta0, model.estimator_.alpha) == (
            WARM(k) or 5e-324,
            both["alpha"](k),
        )


# What an estimator is expected to do


def test_it_is_what_the_estimator_is():
    model = gl.sklearn.Scheduled(SGDClassifier(learning_rate="constant"), WARM)
    assert is_classifier(model)
    assert is_regressor(gl.sklearn.Scheduled(sgd(), WARM))
    assert not hasattr(model, "predict_proba")  # as for the loss "hinge"
    assert not hasattr(model, "coef_")
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    model.partial_fit([[0.0], [1.0]], [3, 5], classes=[3, 5])
    check_is_fitted(model)
    model.partial_fit([[0.0], [1.0]], [3, 5])
    assert model.classes_.tolist() == [3, 5]
    assert model.n_features_in_ == 1
    assert set(model.predict([[0.0], [1.0]])) <= {3, 5}
    assert 0 <= model.score([[0.0], [1.0]], [3, 5]) <= 1
    assert model.get_params()["estimator__eta0"] == 0.01
    assert "Scheduled(estimator=SGDClassifier(" in repr(model)
    with pytest.raises(gl.ScheduleError, match="call `partial_fit`"):
        model.fit([[0.0]], [3])
    with pytest.raises(AttributeError):
        _ = model.no_such_thing


@pytest.mark.parametrize(
    ("estimator", "schedule", "message"),
    [
        (LinearRegression(), WARM, "`estimator` must be one of PassiveAggressiveClassifier, "),
        (SGDClassifier(learning_rate="optimal"), WARM, "makes something else of `eta0`"),
        (SGDRegressor(), WARM, "learning_rate='invscaling' makes something else"),
        (MLPRegressor(solver="lbfgs"), WARM, "the solver 'lbfgs' has no learning rate"),
        (MLPRegressor(solver="sgd", learning_rate="adaptive"), WARM, "makes something else"),
        (sgd(), {"eta": WARM}, "here it is called 'eta0'"),
        (sgd(), {"lr": WARM}, "here it is called 'eta0'"),
        (sgd(), {"learning_rate": WARM}, "here it is called 'eta0'"),
        (sgd(), {"eta_0": WARM}, "did you mean 'eta0'"),
        (MLPRegressor(), {"lr": WARM}, "here it is called 'learning_rate_init'"),
        (MLPClassifier(), {"eta0": WARM}, "here it is called 'learning_rate_init'"),
        (sgd(), {"power_t": WARM}, "`power_t` cannot follow a schedule, since SGDRegressor"),
        (sgd(), lambda k: 0.1, "`eta0` must be a schedule"),
    ],
)
def test_what_cannot_follow_is_refused(estimator, schedule, message):
    model = gl.sklearn.Scheduled(estimator, schedule)
    with pytest.raises(gl.ScheduleError, match=message):
        model.partial_fit(ONE, [1.0])
    assert not hasattr(model, "step_")


def test_wrong_options():
    for option in ("on_length", "on_conflict", "on_mismatch"):
        model = gl.sklearn.Scheduled(sgd(), WARM, **{option: "never"})
        with pytest.raises(gl.ScheduleError, match=f"`{option}` must be one of"):
            model.partial_fit(ONE, [1.0])


# The length

SHORT = gl.Cosine(0.5, 0.0, steps=3)


def told(model, calls):
    """Return what is told in so many calls."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        moves(model, calls)
    return [str(warning.message) for warning in seen]


def test_calls_past_the_end_at_a_rate_of_0_are_told_once():
    model = gl.sklearn.Scheduled(sgd(), SHORT)
    assert told(model, 4) == []  # a line from 0 to 3 has four points
    (message,) = told(model, 5)
    assert "has 3 steps, but this is call 5 of `partial_fit`, and the rate stays at 0" in message
    assert ".stretch(calls)" in message
    assert told(pickle.loads(pickle.dumps(model)), 3) == []
    assert told(clone(model), 9) == [message]
    on_plateau = gl.Plateau().on(SHORT)
    assert len(told(gl.sklearn.Scheduled(sgd(), {"eta0": on_plateau}), 9)) == 1
    network = gl.sklearn.Scheduled(MLPRegressor(hidden_layer_sizes=()), gl.Linear(0.1, 0.001, 2))
    for _ in range(3):
        network.partial_fit(ONE, [1.0])
    with pytest.warns(UserWarning, match="`learning_rate_init` has 2 steps, .* stays at 0.001"):
        network.partial_fit(ONE, [1.0])


def test_calls_past_the_end_are_refused_or_ignored_where_that_is_asked_for():
    model = gl.sklearn.Scheduled(sgd(), SHORT, on_length="raise")
    moves(model, 4)
    for _ in range(2):
        with pytest.raises(gl.ScheduleError, match="has 3 steps, but this is call 5"):
            model.partial_fit(ONE, [1.0])
    assert model.step_ == 4
    assert told(model.set_params(on_length="ignore"), 9) == []


def test_calls_past_an_end_at_which_something_is_learned_are_not_told():
    for schedule in (
        gl.Constant(0.1, steps=2),
        gl.Linear(0.0, 0.1, steps=2),
        gl.Linear(0.1, 0.05, steps=2),
        gl.Geometric(0.5, 0.9),
        {"eta0": gl.Constant(0.1), "alpha": gl.Linear(0.1, 0.0, steps=2)},
        SHORT.repeat(),
    ):
        assert told(gl.sklearn.Scheduled(sgd(penalty="l2"), schedule), 9) == []


def test_the_schedule_and_the_step_are_in_the_repr():
    model = gl.sklearn.Scheduled(sgd(), SHORT)
    assert "schedule=gl.Cosine(0.5, 0.0, steps=3))" in repr(model)
    moves(model, 2)
    assert repr(model).endswith("schedule=gl.Cosine(0.5, 0.0, steps=3), step_=2)")


# A plateau


def test_a_plateau_is_told_and_pickled():
    rate = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(0.25))

    def run(model, start, stop):
        found = []
        for _ in range(start, stop):
            found += moves(model, 1)
            model.observe(1.0)
        return found

    whole = run(gl.sklearn.Scheduled(sgd(), rate), 0, 12)
    assert whole == [0.25] * 3 + [0.125] * 2 + [0.0625] * 2 + [0.03125] * 2 + [0.015625] * 2 + (
        [0.0078125]
    )
    for k in range(12):
        model = gl.sklearn.Scheduled(sgd(), rate)
        before = run(model, 0, k)
        assert before + run(pickle.loads(pickle.dumps(model)), k, 12) == whole
    with pytest.raises(gl.ScheduleError, match="no schedule monitors a metric"):
        gl.sklearn.Scheduled(sgd(), WARM).observe(1.0)


# One owner


def test_another_owner_is_reported_and_overruled():
    model = gl.sklearn.Scheduled(sgd(), WARM)
    moves(model, 1)
    model.estimator_.set_params(eta0=0.7)
    with pytest.warns(UserWarning, match=r"before step 1 `eta0` is 0.7"):
        assert moves(model, 1) == table(WARM, 1, 1)
    model.estimator_.eta0 = 0.7
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it was said once
        assert moves(model, 1) == table(WARM, 1, 2)
    model.set_params(on_conflict="raise").estimator_.eta0 = 0.7
    with pytest.raises(gl.ScheduleError, match="something else sets estimator_"):
        moves(model, 1)
    model.set_params(on_conflict="ignore")
    assert moves(model, 1) == table(WARM, 1, 3)


def test_the_length_can_be_told_in_training():
    trunk = gl.Constant(0.5).open_ended()
    wsd = gl.Linear(0.1, 0.5, steps=10) >> trunk >> gl.Linear(0.5, 0.1, steps=10)
    model = gl.sklearn.Scheduled(sgd(), wsd)
    used = moves(model, 20)
    with pytest.raises(gl.ScheduleError, match="at step 19: 20 updates are done"):
        model.finish(at=19)
    assert model.schedule == wsd
    used += moves(pickle.loads(pickle.dumps(model.finish(at=25))), 40)
    assert used == table(wsd.finish(at=25))
