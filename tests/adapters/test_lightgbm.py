"""LightGBM: with a constant gradient each tree's leaves are plus and minus the rate."""

import copy
import itertools
import json
import pickle
import subprocess
import sys
import textwrap
import warnings

import lightgbm
import numpy as np
import pytest

import glissando as gl

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)
OTHER = gl.Geometric(0.3, 0.9)

ROWS, ZEROS = np.array([[0.0], [0.0], [1.0], [1.0]]), np.zeros(4)


def pull(predictions, data):
    """Return the same gradient whatever was learned, so that no tree depends on another.

    The tiny number that LightGBM adds to a Hessian is lost beside this one.
    """
    return np.array([1024.0, 1024.0, -1024.0, -1024.0]), np.full(4, 1024.0)


PLAIN = {
    "objective": pull,
    "num_leaves": 2,
    "min_data_in_leaf": 1,
    "min_data_in_bin": 1,
    "learning_rate": 0.9,
    "num_threads": 1,
    "verbose": -1,
}


def train(follow, rounds, model=None, params=PLAIN, callbacks=()):
    """Train with a callback, or with a new one for a schedule."""
    if isinstance(follow, gl.Schedule | dict):
        follow = gl.lightgbm.learning_rate(follow)
    data = lightgbm.Dataset(ROWS, ZEROS)
    return lightgbm.train(params, data, rounds, init_model=model, callbacks=[follow, *callbacks])


def rates(booster):
    """Return what each tree adds to the prediction of a row above the split."""
    return [booster.get_leaf_output(k, 1) for k in range(booster.current_iteration())]


def table(schedule, n=60, start=0):
    return [schedule(k) for k in range(start, start + n)]


def close(values):
    """LightGBM reads a number at most two bits of float64 off."""
    return pytest.approx(values, rel=4.5e-16, abs=0)


CURVES = [WARM, OTHER, gl.Constant(0.1), gl.recipes.keras_tip.one_cycle()]


@pytest.mark.parametrize("boosting", ["gbdt", "goss"])
@pytest.mark.parametrize("schedule", CURVES, ids=str)
def test_round_k_uses_the_rate_of_step_k(schedule, boosting):
    params = {**PLAIN, "boosting": boosting, "top_rate": 0.5, "other_rate": 0.5}
    assert rates(train(schedule, 60, params=params)) == close(table(schedule))


def test_pain_45_continued_training_goes_on_at_the_rounds_already_there(tmp_path):
    """Continued training restarts the schedule at 0, and a list must be as long as a training."""
    whole = rates(train(WARM, 60))
    assert whole == close(table(WARM))
    for path in (None, tmp_path / "model.txt"):
        part = train(WARM, 20)
        if path:
            part.save_model(path)
        part = train(WARM, 25, path or part)
        assert rates(train(WARM, 15, part)) == whole
    own = lightgbm.reset_parameter(learning_rate=OTHER)
    data = lightgbm.Dataset(ROWS, ZEROS)
    theirs = lightgbm.train(PLAIN, data, 3, init_model=part, callbacks=[own])
    assert rates(theirs)[45:] == close(table(OTHER, 3))  # begun anew
    short = lightgbm.reset_parameter(learning_rate=[0.5, 0.4])
    with pytest.raises(ValueError, match="has to be equal to 'num_boost_round'"):
        lightgbm.train(PLAIN, lightgbm.Dataset(ROWS, ZEROS), 3, callbacks=[short])
    assert rates(train(gl.Linear(0.5, 0.4, steps=1), 3)) == close([0.5, 0.4, 0.4])


@pytest.mark.parametrize("k", range(1, 60))
def test_interrupted_at_every_round_the_rest_is_bit_equal(k, tmp_path):
    follow = gl.lightgbm.learning_rate(WARM, on_length="ignore")
    train(follow, k).save_model(tmp_path / "model.txt")
    state = json.loads(json.dumps(follow.state_dict()))
    assert state == {"step": k, "schedule": WARM.to_data()}
    follow = gl.lightgbm.learning_rate(WARM)
    follow.load_state_dict(state)
    booster = train(follow, 60 - k, tmp_path / "model.txt")
    assert rates(booster) == close(table(WARM))
    assert rates(booster)[k:] == rates(train(WARM, 60))[k:]
    assert follow.state_dict()["step"] == 60


def test_the_order_of_loading_does_not_matter_and_the_model_alone_is_enough(tmp_path):
    follow = gl.lightgbm.learning_rate(WARM)
    train(follow, 20).save_model(tmp_path / "model.txt")
    state = follow.state_dict()
    found = []
    for first in ("model", "state", "no state", "the same callback", "a pickled one"):
        again = gl.lightgbm.learning_rate(WARM)
        if first == "state":
            again.load_state_dict(state)
        model = lightgbm.Booster(model_file=tmp_path / "model.txt")
        if first == "model":
            again.load_state_dict(state)
        again = follow if first == "the same callback" else again
        again = pickle.loads(pickle.dumps(follow)) if first == "a pickled one" else again
        found.append(rates(train(again, 40, model)))
    assert found == [rates(train(WARM, 60))] * 5


def test_a_callback_can_be_used_again_and_copied():
    follow = gl.lightgbm.learning_rate(WARM)
    for again in (follow, copy.deepcopy(follow), follow):
        assert rates(train(again, 10)) == close(table(WARM, 10))
        assert again.state_dict()["step"] == 10
    assert copy.deepcopy(follow).state_dict() == follow.state_dict()


def test_another_schedule_is_refused_and_nothing_is_changed():
    follow = gl.lightgbm.learning_rate(WARM)
    model = train(follow, 30)
    new = gl.lightgbm.learning_rate(LONGER)
    before = new.state_dict()
    with pytest.raises(gl.ScheduleMismatch, match="saved after 30 updates under another schedule"):
        new.load_state_dict(follow.state_dict())
    assert new.state_dict() == before
    with pytest.raises(gl.ScheduleError, match="is it that of another scheduler"):
        new.load_state_dict({"last_epoch": 3})
    assert rates(train(new, 1, model))[30] == close(LONGER(30))


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("keep", WARM(30), WARM(31)),
        ("replace", LONGER(30), LONGER(31)),
        ("continue", WARM(30), LONGER(31) * WARM(30) / LONGER(30)),
        ("rewarm", LONGER(0), LONGER(1)),
    ],
)
@pytest.mark.parametrize("how", ["argument", "built"])
def test_policies(policy, first, second, how):
    follow = gl.lightgbm.learning_rate(WARM)
    model = train(follow, 30)
    if how == "argument":
        new = gl.lightgbm.learning_rate(LONGER)
        new.load_state_dict(follow.state_dict(), on_mismatch=policy)
    else:
        new = gl.lightgbm.learning_rate(LONGER, on_mismatch=policy)
        new.load_state_dict(follow.state_dict())
    assert rates(train(new, 2, model))[30:] == pytest.approx([first, second], rel=1e-12)


# Other parameters

RANDOM = np.random.default_rng(0)
MANY, NOISE = RANDOM.random((300, 6)), RANDOM.random(300)

OTHERS = {
    "learning_rate": (0.1, 0.3),
    "lambda_l1": (0.0, 2.0),
    "lambda_l2": (0.0, 50.0),
    "bagging_fraction": (0.9, 0.6),
    "feature_fraction": (1.0, 0.5),
    "feature_fraction_bynode": (1.0, 0.5),
    "min_gain_to_split": (0.0, 0.2),
    "min_sum_hessian_in_leaf": (1e-3, 40.0),
    "max_delta_step": (0.0, 0.01),
    "path_smooth": (0.0, 50.0),
    "linear_lambda": (0.0, 50.0),
}
NEEDS = {
    "bagging_fraction": {"bagging_freq": 1},
    "linear_lambda": {"linear_tree": True},
}


def trees(name, value, **params):
    """Return the trees of 12 rounds with a parameter fixed, or following a schedule."""
    params = {
        "objective": "regression",
        "num_leaves": 5,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
        **NEEDS.get(name, {}),
        **params,
    }
    callbacks = []
    if isinstance(value, float):
        params[name] = value
    else:
        callbacks = [gl.lightgbm.learning_rate({name: value})]
    data = lightgbm.Dataset(MANY, NOISE, params={"verbose": -1, **NEEDS.get(name, {})})
    booster = lightgbm.train(params, data, 12, callbacks=callbacks)
    return [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]


@pytest.mark.parametrize("name", gl.lightgbm.READ)
def test_pain_45_every_parameter_that_may_follow_a_schedule_is_read_again(name):
    """A parameter that changes in training has its effect from that round on."""
    a, b = OTHERS[name]
    first, second = trees(name, a), trees(name, b)
    switched = trees(name, gl.Piecewise([a, b], [6]), **{name: a})
    assert first != second
    assert switched != first
    assert switched[:6] == first[:6]
    assert trees(name, gl.Constant(b)) == second  # from round 0 on


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("eta", "learning_rate"),
        ("reg_lambda", "lambda_l2"),
        ("reg_alpha", "lambda_l1"),
        ("colsample_bytree", "feature_fraction"),
        ("min_split_gain", "min_gain_to_split"),
        ("min_child_weight", "min_sum_hessian_in_leaf"),
    ],
)
def test_the_other_names_do_as_well_also_those_in_the_parameters(alias, name):
    a, b = OTHERS[name]
    assert trees(alias, gl.Constant(b), **{alias: a}) == trees(name, b)
    assert trees(name, gl.Constant(b), **{alias: a}) == trees(name, b)


@pytest.mark.parametrize("name", ["scale_pos_weight", "alpha", "fair_c", "max_bin", "top_rate"])
def test_pain_45_what_lightgbm_does_not_read_again_is_refused_by_name(name):
    """They are accepted by reset_parameter, and do nothing or crash."""
    with pytest.raises(gl.ScheduleError, match=f"`{name}` cannot follow a schedule") as caught:
        gl.lightgbm.learning_rate({name: gl.Constant(0.5)})
    assert "here it is called" not in str(caught.value)  # it is another thing


def test_a_name_that_is_nearly_right_is_suggested():
    with pytest.raises(gl.ScheduleError, match="did you mean 'lambda_l2'"):
        gl.lightgbm.learning_rate({"lambda_l3": gl.Constant(0.5)})


def test_several_at_once():
    both = {"learning_rate": WARM, "lambda_l2": gl.Linear(0.0, 8192.0, steps=8)}
    # two rows of gradient and Hessian 1024 in a leaf
    expected = [WARM(k) * 2048 / (2048 + 1024 * min(k, 8)) for k in range(10)]
    assert rates(train(both, 10)) == pytest.approx(expected, rel=1e-12)


def test_pain_45_bagging_without_a_frequency_and_a_rate_in_a_forest_are_refused():
    """Knobs that do nothing."""
    with pytest.raises(gl.ScheduleError, match="does nothing without a `bagging_freq`"):
        train({"bagging_fraction": gl.Constant(0.8)}, 2)
    forest = {**PLAIN, "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.9}
    with pytest.raises(gl.ScheduleError, match="boosting='rf' has no learning rate"):
        train(WARM, 2, params={**forest, "objective": "regression"})


def test_dart_is_refused_since_lightgbm_begins_its_drops_anew():
    """It is as if nothing or everything were dropped; when this fails, dart may be allowed."""

    def dropped(*callbacks):
        def look(env):
            found = env.model.dump_model()["tree_info"]
            now.append([tree["shrinkage"] for tree in found])

        now = []
        params = {"boosting": "dart", "skip_drop": 0.0, "objective": "regression", "verbose": -1}
        lightgbm.train(params, lightgbm.Dataset(MANY, NOISE), 10, callbacks=[look, *callbacks])
        return [
            sum(a != b for a, b in zip(after, before, strict=False))
            for before, after in itertools.pairwise(now)
        ]

    assert max(dropped()) < 5
    own = lightgbm.reset_parameter(learning_rate=lambda k: 0.1 + 1e-9 * k)
    assert dropped(own) == list(range(1, 10))
    with pytest.raises(gl.ScheduleError, match="drops none of the trees or all"):
        dropped(gl.lightgbm.learning_rate(WARM))


@pytest.mark.parametrize(
    ("before", "freq", "schedule", "round_"),
    [
        (0.9, 1, gl.Constant(0.4), 0),
        (1.0, 1, gl.Linear(1.0, 0.4, steps=6), 5),
        (0.3, 1, gl.Piecewise([0.3, 1.0, 0.9], [2, 4]), 4),
        (0.9, 1, gl.Piecewise([0.9, 0.501], [3]), 3),  # 150 rows of 300
        (1.0, 2, gl.Constant(0.9), None),  # at most half of the rows a round
        (1.0, 1, gl.Linear(1.0, 0.51, steps=6), None),
        (1.0, 1, gl.Linear(0.5, 0.1, steps=6), None),
    ],
)
def test_bagging_across_the_line_where_lightgbm_crashes_is_refused(before, freq, schedule, round_):
    def run():
        trees("bagging_fraction", schedule, bagging_fraction=before, bagging_freq=freq)

    if round_ is None:
        run()
    else:
        with pytest.raises(gl.ScheduleError, match=f"at round {round_}: LightGBM corrupts"):
            run()


def test_lightgbm_does_crash_there(tmp_path):
    """When this fails, the guard in `_bag` has become needless."""
    code = """
        import resource
        import lightgbm, numpy as np
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        rng = np.random.default_rng(0)
        params = {"verbose": -1, "bagging_freq": 1, "bagging_fraction": 0.9, "num_threads": 1}
        change = lightgbm.reset_parameter(bagging_fraction=lambda k: 0.9 if k % 2 else 0.3)
        for _ in range(200):
            data = lightgbm.Dataset(rng.random((500, 6)), rng.random(500))
            lightgbm.train(params, data, 40, callbacks=[change])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, cwd=tmp_path
    )
    assert done.returncode != 0


def test_a_rate_of_0_leaves_the_predictions_as_they_are():
    booster = train(gl.Piecewise([0.5, 0.0, 0.25], [1, 2]), 3)
    assert rates(booster) == [0.5, 0.0, 0.25]


# The other ways to train

VALID = {**PLAIN, "objective": "regression", "metric": "l2", "boost_from_average": False}
HALVES = np.repeat([0.0, 1.0], 6).reshape(12, 1)


def test_pain_45_cross_validation_follows_too():
    """Folds that do not follow."""
    follow = gl.lightgbm.learning_rate(WARM)
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    found = lightgbm.cv(VALID, data, 20, nfold=3, stratified=False, callbacks=[follow])
    left = np.cumprod([1 - WARM(k) for k in range(20)])
    assert found["valid l2-mean"] == pytest.approx(left**2, abs=1e-6)  # its gradients are float32
    assert follow.state_dict()["step"] == 20


def test_pain_45_the_estimators_follow():
    """Users of scikit-learn's interface do not find a way."""
    model = lightgbm.LGBMRegressor(
        n_estimators=20,
        num_leaves=2,
        min_child_samples=1,
        min_data_in_bin=1,
        boost_from_average=False,
        n_jobs=1,
        verbose=-1,
    )
    names = ["half"]
    follow = gl.lightgbm.learning_rate(WARM)
    target = 2 * HALVES[:, 0] - 1

    def fit(**options):
        model.fit(HALVES, target, callbacks=[follow], feature_name=names, **options)
        return model.booster_.predict(HALVES)[-1]

    assert fit() == pytest.approx(1 - np.prod([1 - WARM(k) for k in range(20)]), rel=1e-9)
    assert fit(init_model=model.booster_) == pytest.approx(
        1 - np.prod([1 - WARM(k) for k in range(40)]), rel=1e-9
    )


def test_early_stopping_can_be_continued():
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    valid = data.create_valid(HALVES, HALVES[:, 0] - 0.5)  # half as much as there is to learn
    follow = gl.lightgbm.learning_rate(gl.Constant(0.125))
    stop = lightgbm.early_stopping(3, verbose=False)
    booster = lightgbm.train(VALID, data, 60, valid_sets=[valid], callbacks=[follow, stop])
    assert booster.best_iteration == 5
    best = lightgbm.Booster(model_str=booster.model_to_string(num_iteration=5))
    assert train(WARM, 2, best).current_iteration() == 7
    assert rates(train(WARM, 2, best))[5:] == close([WARM(5), WARM(6)])


def test_a_round_in_which_no_tree_grows_does_not_count():
    flat = {**PLAIN, "objective": lambda p, d: (np.zeros(4), np.ones(4))}
    follow = gl.lightgbm.learning_rate(WARM)
    booster = train(follow, 5, train(WARM, 10), params=flat)
    assert follow.state_dict()["step"] == booster.current_iteration() == 10
    assert rates(train(WARM, 5, booster))[10:] == close(table(WARM, 5, 10))


# A plateau

LOWERED = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(0.0625), after=3)


def plateau(rounds, model=None, state=None, valid=True, **options):
    """Train with a target that the validation data has only half of."""
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    sets = [data.create_valid(HALVES, HALVES[:, 0] - 0.5)] if valid else []
    follow = gl.lightgbm.learning_rate(LOWERED, **options)
    if state:
        follow.load_state_dict(state)
    booster = lightgbm.train(
        VALID, data, rounds, valid_sets=sets, init_model=model, callbacks=[follow]
    )
    return booster, follow


def test_a_plateau_listens_to_the_last_metric_and_is_resumed():
    booster, follow = plateau(30)
    whole = rates(booster)
    assert follow.state_dict()["plateau"]["learning_rate"]["factor"] < 0.1
    shares = np.array(whole) / (1 - np.cumsum([0.0, *whole[:-1]]))
    assert shares[:10] == pytest.approx([0.0625] * 10, rel=1e-6)
    assert shares[-1] == pytest.approx(0.0625 * factor_after(booster), rel=1e-6)
    for k in range(1, 30):
        part, follow = plateau(k)
        state = json.loads(json.dumps(follow.state_dict()))
        again, _ = plateau(30 - k, part, state)
        assert rates(again) == pytest.approx(whole, rel=1e-9)


def factor_after(booster):
    state = LOWERED.init()
    data = HALVES[:, 0] - 0.5
    for k in range(1, booster.current_iteration()):
        loss = np.mean((booster.predict(HALVES, num_iteration=k) - data) ** 2)
        state = LOWERED.update(state, loss, k)
    return state.factor


def test_a_plateau_without_its_metric_is_refused():
    with pytest.raises(gl.ScheduleError, match="there are no `valid_sets`"):
        plateau(3, valid=False)
    with pytest.raises(gl.ScheduleError, match=r"there is only \('valid_0', 'l2'\)"):
        plateau(3, metric=("valid_0", "l1"))
    assert rates(plateau(20, metric=("valid_0", "l2"))[0]) == rates(plateau(20)[0])


def test_a_plateau_listens_in_cross_validation():
    follow = gl.lightgbm.learning_rate(LOWERED)
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    lightgbm.cv(VALID, data, 10, nfold=3, stratified=False, callbacks=[follow])
    assert follow.state_dict()["plateau"]["learning_rate"]["best"] > 0


# One owner


def test_another_callback_that_sets_the_rate_is_reported_and_overruled():
    def other(env):
        env.model.reset_parameter({"learning_rate": 0.7})

    with pytest.warns(UserWarning, match="before round 1 `learning_rate` is 0.7") as seen:
        booster = train(WARM, 8, callbacks=[other])
    assert len(seen) == 1
    assert rates(booster) == close(table(WARM, 8))
    follow = gl.lightgbm.learning_rate(WARM, on_conflict="raise")
    with pytest.raises(gl.ScheduleError, match="another callback sets it too"):
        train(follow, 8, callbacks=[other])
    follow = gl.lightgbm.learning_rate(WARM, on_conflict="ignore")
    assert rates(train(follow, 8, callbacks=[other])) == close(table(WARM, 8))


def square(step):
    return 0.1 / (step + 1) ** 2


def cube(step):
    return 0.1 / (step + 1) ** 3


def test_a_function_of_your_own_is_followed_and_known_again():
    follow = gl.lightgbm.learning_rate(gl.schedule(square))
    model = train(follow, 5)
    state = json.loads(json.dumps(follow.state_dict()))
    again = gl.lightgbm.learning_rate(gl.schedule(square))
    again.load_state_dict(state)
    assert rates(train(again, 5, model)) == close([square(k) for k in range(10)])
    with pytest.raises(gl.ScheduleMismatch):
        gl.lightgbm.learning_rate(gl.schedule(cube)).load_state_dict(state)


def test_wrong_arguments():
    with pytest.raises(gl.ScheduleError, match="`learning_rate` has two schedules, one as `eta`"):
        gl.lightgbm.learning_rate({"learning_rate": WARM, "eta": WARM})
    with pytest.raises(gl.ScheduleError, match=r"must be a schedule.* in gl\.schedule"):
        train(gl.lightgbm.learning_rate(lambda k: 0.1), 5)
    with pytest.raises(gl.ScheduleError, match="must be a schedule"):
        gl.lightgbm.learning_rate(0.1)
    with pytest.raises(gl.ScheduleError, match="`on_length` must be one of"):
        gl.lightgbm.learning_rate(WARM, on_length="never")
    with pytest.raises(gl.ScheduleError, match="`on_conflict` must be one of"):
        gl.lightgbm.learning_rate(WARM, on_conflict="never")
    with pytest.raises(gl.ScheduleError, match="`on_mismatch` must be one of"):
        gl.lightgbm.learning_rate(WARM, on_mismatch="never")


def test_the_length_can_be_told_in_training():
    trunk = gl.Constant(0.5).open_ended()
    wsd = gl.Linear(0.1, 0.5, steps=10) >> trunk >> gl.Linear(0.5, 0.1, steps=10)
    follow = gl.lightgbm.learning_rate(wsd)

    def finish(env):
        if env.iteration == 20:
            with pytest.raises(gl.ScheduleError, match="at step 20: 21 updates are done"):
                follow.finish(at=20)
            follow.finish(at=25)

    booster = train(follow, 35, callbacks=[finish])
    assert rates(booster) == close(table(wsd.finish(at=25), 35))
    assert rates(train(follow, 35)) == close(table(wsd.finish(at=25), 35))  # a new model


# The rounds

LEAVES = gl.Linear(0.0, 0.5, steps=40) >> gl.Cosine(0.5, 0.01, steps=60)
TEXT = "linear(0, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def percent(rounds):
    """Return what the text is in a training of so many rounds, a multiple of ten."""
    warm = rounds // 10
    return gl.Linear(0.0, 0.5, steps=warm) >> gl.Cosine(0.5, 0.01, steps=rounds - warm)


def told(schedule, rounds, model=None, **options):
    """Return what a training is told when it begins."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        train(gl.lightgbm.learning_rate(schedule, **options), rounds, model)
    return [str(warning.message) for warning in seen]


def test_a_schedule_that_ends_long_before_the_rounds_do_is_told():
    short = gl.Cosine(0.5, 0.0, steps=3)
    (message,) = told(short, 10)
    assert "has 3 steps, but the run makes 10 rounds: the last 7 rounds are past" in message
    assert "0.01, steps=rest)', or write .stretch(10) after the schedule" in message
    for name in ("eta", "shrinkage_rate", "learning_rate"):
        assert told({name: short}, 10) == [message]
    with pytest.raises(gl.ScheduleError, match="but the run makes 10 rounds"):
        train(gl.lightgbm.learning_rate(short, on_length="raise"), 10)
    assert told(short, 10, on_length="ignore") == told(short.stretch(10), 10) == []


def test_a_training_that_never_leaves_the_warm_up_is_told():
    (message,) = told(LEAVES, 15)
    assert "has 100 steps, but the run makes 15 rounds and ends in its warm-up" in message
    (message,) = told(gl.recipes.noam(d_model=64, warmup=4000), 100)
    assert "has no end, but the run makes 100 rounds and ends in its warm-up" in message
    (message,) = told(gl.Cosine(0.5, 0.0, steps=5000), 20)
    assert "training stops 4980 steps before the schedule's end" in message


def test_what_fits_is_not_told():
    for schedule, rounds in (
        (LEAVES, 100),
        (LEAVES, 99),
        (LEAVES, 101),
        (LEAVES, 50),  # the first part of a training, say
        (gl.Constant(0.3), 10),
        (gl.Linear(0.0, 0.3, steps=5), 100),  # its end holds
        (gl.Geometric(0.3, 0.9), 10),
        (gl.schedule(lambda k: 0.1 + k), 10),
        ({"lambda": gl.Linear(1.0, 0.0, steps=3)}, 10),  # no learning rate
    ):
        assert told(schedule, rounds) == []


def test_continued_training_is_counted_from_where_the_model_stands():
    half = train(LEAVES, 60)
    assert told(LEAVES, 40, half) == []
    (message,) = told(LEAVES, 60, half)
    assert "the run makes 120 rounds: the last 20 rounds are past" in message


def test_the_rounds_are_known_in_cv_and_estimators_too():
    short = gl.lightgbm.learning_rate(gl.Cosine(0.5, 0.0, steps=3))
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    with pytest.warns(UserWarning, match="but the run makes 10 rounds"):
        lightgbm.cv(VALID, data, 10, nfold=3, stratified=False, callbacks=[short])
    model = lightgbm.LGBMRegressor(n_estimators=12, verbose=-1)
    with pytest.warns(UserWarning, match="but the run makes 12 rounds"):
        model.fit(MANY, NOISE, callbacks=[short])
    with pytest.warns(UserWarning, match="but the run makes 14 rounds"):
        train(short, 3, params={**PLAIN, "num_trees": 14})  # of two numbers LightGBM takes this


def test_early_stopping_is_held_against_the_rounds_that_were_planned():
    data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
    valid = data.create_valid(HALVES, HALVES[:, 0] - 0.5)
    follow = gl.lightgbm.learning_rate(gl.Linear(0.125, 0.01, steps=60), on_length="raise")
    stop = lightgbm.early_stopping(3, verbose=False)
    booster = lightgbm.train(VALID, data, 60, valid_sets=[valid], callbacks=[follow, stop])
    assert booster.current_iteration() < 60


@pytest.mark.parametrize("how", ["callback", "parameter", "cv"])
def test_early_stopping_that_is_less_patient_than_the_plateau_is_told(how):
    def run(patience, **options):
        data = lightgbm.Dataset(HALVES, 2 * HALVES[:, 0] - 1)
        sets = [data.create_valid(HALVES, HALVES[:, 0] - 0.5)]
        follow = [gl.lightgbm.learning_rate(LOWERED, **options)]
        if how == "parameter":
            params = {**VALID, "early_stopping_rounds": patience}
        else:
            params, follow = VALID, [*follow, lightgbm.early_stopping(patience, verbose=False)]
        if how == "cv":
            return lightgbm.cv(params, data, 9, nfold=3, stratified=False, callbacks=follow)
        return lightgbm.train(params, data, 9, valid_sets=sets, callbacks=follow)

    message = "early_stopping with a patience of 2 .* after 2 rounds .* only after 2: nothing is"
    with pytest.warns(UserWarning, match=message) as seen:
        run(2)
    assert len(seen) == 1
    run(3)
    run(2, on_conflict="ignore")
    with pytest.raises(gl.ScheduleError, match="early_stopping with a patience of 1"):
        run(1, on_conflict="raise")


def test_lengths_in_percent_of_the_rounds():
    follow = gl.lightgbm.learning_rate(TEXT)
    assert repr(follow) == f"learning_rate({TEXT!r}, step=0)"
    assert rates(train(follow, 40)) == close(table(percent(40), 40))
    assert repr(follow) == f"learning_rate({percent(40)!r}, step=40)"
    assert rates(train(follow, 20)) == close(table(percent(20), 20))  # a new model
    line = gl.Linear(0.5, 0.1, steps=40)
    by_rounds = gl.lightgbm.learning_rate(lambda rounds: gl.Linear(0.5, 0.1, steps=rounds))
    assert rates(train(by_rounds, 40)) == close(table(line, 40))
    named = gl.lightgbm.learning_rate({"eta": TEXT, "lambda": gl.Constant(0.0)})
    assert rates(train(named, 40)) == close(table(percent(40), 40))
    named = gl.lightgbm.learning_rate(lambda rounds: {"eta": TEXT})
    assert rates(train(named, 40)) == close(table(percent(40), 40))
    with pytest.raises(gl.ScheduleError, match="`depth` cannot follow a schedule"):
        train(gl.lightgbm.learning_rate(lambda rounds: {"depth": TEXT}), 40)


def test_lengths_in_percent_are_resumed():
    whole = rates(train(percent(40), 40))
    follow = gl.lightgbm.learning_rate(TEXT)
    data = lightgbm.Dataset(ROWS, ZEROS)

    def stop(env):
        if env.iteration == 24:
            raise lightgbm.callback.EarlyStopException(24, [])

    part = lightgbm.train(PLAIN, data, 40, callbacks=[follow, stop])
    state = json.loads(json.dumps(follow.state_dict()))
    again = pickle.loads(pickle.dumps(follow))
    assert rates(train(again, 15, part)) == whole
    again = gl.lightgbm.learning_rate(TEXT)
    again.load_state_dict(state)
    assert again.state_dict() == state
    assert rates(train(again, 15, part)) == whole
    for again in (follow, gl.lightgbm.learning_rate(TEXT)):
        again.load_state_dict(state)
        with pytest.raises(gl.ScheduleMismatch, match="saved after 25 updates"):
            train(again, 35, part)  # of 60 rounds, not of 40
    again.load_state_dict(state, on_mismatch="replace")
    assert rates(train(again, 35, part))[25:] == close(table(percent(60), 35, 25))


def test_bad_texts_are_refused_at_once():
    build = gl.lightgbm.learning_rate
    for text in ("linear(0, 0.5, steps=10%) >> cosin(0.5, 0, steps=rest)", "linear(0,", ""):
        for bad in (text, {"eta": text}):
            with pytest.raises(gl.ScheduleError):
                build(bad)
    with pytest.raises(gl.ScheduleError, match="`depth` cannot follow a schedule"):
        build({"depth": TEXT})
    for use in (lambda f: f.finish(at=20), lambda f: f.state_dict()):
        with pytest.raises(gl.ScheduleError, match="becomes a schedule when training begins"):
            use(build(TEXT))


def test_every_name_that_lightgbm_has_for_a_parameter_does():
    for name in gl.lightgbm.READ:
        for alias in lightgbm.basic._ConfigAliases.get(name):
            assert gl.lightgbm.learning_rate({alias: gl.Constant(0.5)}).schedule == {
                name: gl.Constant(0.5)
            }
    for name in ("lr", "step_size"):
        with pytest.raises(gl.ScheduleError, match="here it is called 'learning_rate'"):
            gl.lightgbm.learning_rate({name: WARM})


def test_a_schedule_that_lightgbm_itself_calls_follows_its_own_count():
    """Then nothing of ours sees the training: the length is not compared, and it begins anew."""
    own = lightgbm.reset_parameter(learning_rate=gl.Cosine(0.5, 0.1, steps=3))
    data = lightgbm.Dataset(ROWS, ZEROS)
    booster = lightgbm.train(PLAIN, data, 5, callbacks=[own])
    assert rates(booster) == close(table(gl.Cosine(0.5, 0.1, steps=3), 5))
