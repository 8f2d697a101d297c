"""CatBoost, one tree at a time: a depth-1 tree takes the rate as its share of what is left."""

import json
import warnings
from pathlib import Path

import catboost
import numpy as np
import pytest

import glissando as gl

WARM = gl.Linear(0.05, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
LONGER = gl.Linear(0.05, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)

QUIET = {"allow_writing_files": False, "verbose": False, "thread_count": 1}
PLAIN = {
    **QUIET,
    "loss_function": "RMSE",
    "l2_leaf_reg": 0,
    "depth": 1,
    "boost_from_average": False,
    "bootstrap_type": "No",
    "random_strength": 0,
}
ROWS, HALVES = np.arange(8.0).reshape(8, 1), np.repeat([-1.0, 1.0], 4)


@pytest.fixture(autouse=True)
def no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not Path("catboost_info").exists()


def train(schedule, rounds, model=None, **options):
    template = catboost.CatBoostRegressor(iterations=rounds, **PLAIN)
    return gl.catboost.fit(template, schedule, ROWS, HALVES, init_model=model, **options)


def rates(model):
    """Return the share that each tree took of what the trees before it had left."""
    steps = model.get_leaf_values().reshape(-1, 2)[:, 1]
    return steps / (1 - np.cumsum([0.0, *steps[:-1]]))


def table(schedule, n=60, start=0):
    return np.array([schedule(k) for k in range(start, start + n)])


def close(values):
    """CatBoost's rates are float32."""
    return pytest.approx(values, rel=3e-6)


def leaves(model):
    return model.get_leaf_values().tobytes()


def loaded(model, path, form="cbm"):
    """Return a model as it comes back from a file."""
    model.save_model(path, format=form)
    return catboost.CatBoostRegressor().load_model(path, format=form)


@pytest.mark.parametrize("schedule", [WARM, gl.Geometric(0.3, 0.9), gl.Constant(0.1)], ids=str)
def test_tree_k_uses_the_rate_of_step_k(schedule):
    assert rates(train(schedule, 20)) == close(table(schedule, 20))


def test_catboost_cannot_do_it_by_a_callback():
    """When this fails, CatBoost reads parameters in training: this adapter may become simpler."""
    model = catboost.CatBoostRegressor(iterations=5, learning_rate=0.5, **PLAIN)
    seen = []

    class Change:
        def after_iteration(self, info):
            seen.append(sorted(vars(info)))
            model.set_params(learning_rate=0.1)
            return True

    model.fit(ROWS, HALVES, callbacks=[Change()])
    assert rates(model) == close([0.5] * 5)
    assert seen == [["iteration", "metrics"]] * 5


RANDOM = np.random.default_rng(0)
MANY = RANDOM.random((300, 6))
NOISE = RANDOM.random(300) + MANY[:, 0]
LETTERS = np.concatenate(
    [MANY[:, :5].astype(object), RANDOM.choice([*"abcdefgh"], (300, 1)).astype(object)], 1
)

KINDS = {
    "usual": (catboost.CatBoostRegressor, {}),
    "bayesian": (catboost.CatBoostRegressor, {"bootstrap_type": "Bayesian"}),
    "bernoulli": (
        catboost.CatBoostRegressor,
        {"bootstrap_type": "Bernoulli", "subsample": 0.5},
    ),
    "rsm": (catboost.CatBoostRegressor, {"rsm": 0.5}),
    "ordered": (catboost.CatBoostRegressor, {"boosting_type": "Ordered"}),
    "lossguide": (catboost.CatBoostRegressor, {"grow_policy": "Lossguide"}),
    "quantile": (catboost.CatBoostRegressor, {"loss_function": "Quantile:alpha=0.7"}),
    "two classes": (catboost.CatBoostClassifier, {}),
    "three classes": (catboost.CatBoostClassifier, {"loss_function": "MultiClass"}),
    "categories": (catboost.CatBoostRegressor, {"cat_features": [5]}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quantized", [False, True], ids=["", "quantized"])
def test_one_tree_at_a_time_makes_the_very_model_of_one_training(kind, quantized):
    cls, params = KINDS[kind]
    rows = LETTERS if kind == "categories" else MANY
    target = np.digitize(NOISE, [1.0] if kind == "two classes" else [0.7, 1.3])
    target = target if "classes" in kind else NOISE
    model = cls(iterations=12, learning_rate=0.1, depth=3, random_seed=1, **QUIET, **params)
    data = catboost.Pool(rows, target, cat_features=params.get("cat_features"))
    if quantized:
        data.quantize()
    found = gl.catboost.fit(model, gl.Constant(0.1), data)
    assert not model.is_fitted()
    model.fit(rows, target)
    plain = model.predict(rows, prediction_type="RawFormulaVal")
    assert (found.predict(rows, prediction_type="RawFormulaVal") == plain).all()
    assert type(found) is cls


@pytest.fixture(scope="module")
def whole():
    """Return a model that was trained without a break."""
    return train(WARM, 60)


@pytest.mark.parametrize("k", range(1, 60))
def test_interrupted_at_every_tree_the_rest_is_the_same(k, tmp_path, whole):
    part = train(WARM, k, on_length="ignore")
    model = train(WARM, 60 - k, loaded(part, tmp_path / "model"))
    assert model.tree_count_ == 60
    # the last bits are those of CatBoost's own predictions, which it sums up anew
    assert model.get_leaf_values() == pytest.approx(whole.get_leaf_values(), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("form", ["memory", "cbm", "json", "path"])
def test_pain_45_continued_training_goes_on_at_the_trees_already_there(form, tmp_path, whole):
    """Continued training restarts the schedule at 0."""
    part = train(WARM, 20)
    for rounds in (25, 5, 10):
        if form == "path":
            part.save_model(tmp_path / "model")
            part = str(tmp_path / "model")
        elif form != "memory":
            part = loaded(part, tmp_path / "model", form)
        part = train(WARM, rounds, part)
    assert part.tree_count_ == 60
    assert part.get_leaf_values() == pytest.approx(whole.get_leaf_values(), rel=1e-6, abs=1e-12)
    assert rates(part)[:30] == close(table(WARM, 30))


def test_catboost_has_trees_twice_in_a_model_continued_twice(tmp_path):
    """When this fails, the copies and the shrinking in `fit` have become needless."""
    model = catboost.CatBoostRegressor(iterations=5, learning_rate=0.3, **PLAIN)
    part = loaded(model.copy().fit(ROWS, HALVES), tmp_path / "model")
    for trees in (10, 20):
        part = model.copy().fit(ROWS, HALVES, init_model=part)
        assert part.tree_count_ == trees
    part = train(WARM, 5, train(WARM, 5, part))  # here not, also after that
    assert part.tree_count_ == 30
    assert model.copy().fit(ROWS, HALVES, init_model=part).tree_count_ == 35


def test_a_saved_model_carries_its_schedule(tmp_path):
    model = train(WARM, 8)
    before = model.predict(ROWS)
    model.save_model(tmp_path / "model.cbm")
    again = catboost.CatBoostRegressor().load_model(tmp_path / "model.cbm")
    assert json.loads(again.get_metadata()["glissando"]) == {"schedule": WARM.to_data()}
    assert (again.predict(ROWS) == before).all()
    again.get_metadata()["glissando"] = "[]"
    with pytest.raises(gl.ScheduleError, match="not what a training left there"):
        train(WARM, 5, again)


def test_a_model_that_followed_nothing_is_continued_at_its_trees():
    model = catboost.CatBoostRegressor(iterations=5, learning_rate=0.25, **PLAIN)
    model.fit(ROWS, HALVES)
    assert rates(train(WARM, 3, model)) == close([0.25] * 5 + [WARM(5), WARM(6), WARM(7)])


def test_another_schedule_is_refused_and_nothing_is_changed():
    model = train(WARM, 10)
    before = leaves(model)
    with pytest.raises(gl.ScheduleMismatch, match="saved after 10 updates under another schedule"):
        train(LONGER, 10, model)
    assert leaves(model) == before


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("keep", WARM(10), WARM(11)),
        ("replace", LONGER(10), LONGER(11)),
        ("continue", WARM(10), LONGER(11) * WARM(10) / LONGER(10)),
        ("rewarm", LONGER(0), LONGER(1)),
    ],
)
def test_policies(policy, first, second):
    options = {"on_mismatch": policy, "on_length": "ignore"}
    model = train(LONGER, 1, train(WARM, 10), **options)
    model = train(LONGER, 1, model, **options)  # what is followed now was saved
    assert rates(model)[10:] == close([first, second])


OTHERS = {
    "learning_rate": (0.1, 0.3, {}),
    "l2_leaf_reg": (1.0, 50.0, {}),
    "subsample": (0.9, 0.3, {"bootstrap_type": "Bernoulli"}),
    "rsm": (1.0, 0.4, {}),
    "random_strength": (0.0, 20.0, {}),
    "bagging_temperature": (0.0, 5.0, {"bootstrap_type": "Bayesian"}),
}


@pytest.mark.parametrize("name", gl.catboost.SET)
def test_every_parameter_that_may_follow_a_schedule_has_its_effect(name):
    a, b, params = OTHERS[name]
    params = {**QUIET, **params, "depth": 3, "random_seed": 1, "iterations": 8}
    data = catboost.Pool(MANY, NOISE)

    def values(value):
        if isinstance(value, float):
            model = catboost.CatBoostRegressor(**params, **{name: value}).fit(data)
        else:
            template = catboost.CatBoostRegressor(**params)
            if name == "learning_rate":
                model = gl.catboost.fit(template, {"eta": value}, data)
            else:
                model = gl.catboost.fit(template, {name: value, "eta": gl.Constant(0.1)}, data)
        return [tree.tobytes() for tree in np.split(model.get_leaf_values(), 8)]

    if name != "learning_rate":
        params = {**params, "learning_rate": 0.1}
    first, second = values(a), values(b)
    if name != "learning_rate":
        params = {**params, "learning_rate": 0.9}  # the schedule's takes its place
    assert values(gl.Constant(b)) == second
    switched = values(gl.Piecewise([a, b], [4]))
    assert switched[:4] == first[:4]
    assert switched[4:] != first[4:]


def test_what_cannot_be_is_refused_by_name():
    template = catboost.CatBoostRegressor(iterations=2, **PLAIN)

    def fit(schedule=WARM, model=template, **options):
        gl.catboost.fit(model, schedule, ROWS, HALVES, **options)

    with pytest.raises(gl.ScheduleError, match="`depth` cannot follow a schedule"):
        fit({"depth": gl.Constant(3.0)})
    with pytest.raises(gl.ScheduleError, match="did you mean 'rsm'"):
        fit({"rms": gl.Constant(0.5)})
    with pytest.raises(gl.ScheduleError, match=r"must be a schedule.* in gl\.schedule"):
        fit(lambda k: 0.1)
    with pytest.raises(gl.ScheduleError, match="`on_length` must be one of"):
        fit(on_length="never")
    with pytest.raises(gl.ScheduleError, match="`early_stopping_rounds` cannot be used"):
        fit(early_stopping_rounds=3)
    with pytest.raises(gl.ScheduleError, match="`save_snapshot` cannot be used"):
        fit(save_snapshot=True)
    langevin = catboost.CatBoostRegressor(iterations=2, langevin=True, **QUIET)
    with pytest.raises(gl.ScheduleError, match="`langevin` cannot be used"):
        fit(model=langevin)
    with pytest.raises(gl.ScheduleError, match=r"no learning rate below .*, got 0 at tree 0"):
        fit(gl.Linear(0.0, 0.1, steps=2))
    none = catboost.CatBoostRegressor(iterations=0, **QUIET)
    with pytest.raises(gl.ScheduleError, match="`iterations` must be 1 or more"):
        fit(model=none)


@pytest.mark.parametrize("name", ["num_boost_round", "n_estimators", "num_trees"])
def test_all_names_of_the_rounds_do(name):
    template = catboost.CatBoostRegressor(**{name: 8}, **PLAIN)
    assert gl.catboost.fit(template, WARM, ROWS, HALVES).tree_count_ == 8


def test_a_plateau_listens_to_the_eval_set_and_is_resumed():
    rate = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(0.1), after=2)
    valid = (ROWS, HALVES / 2)  # half as much as there is to learn
    full = train(rate, 20, eval_set=valid)
    found = rates(full)
    assert found[:8] == close([0.1] * 8)
    assert found[-1] < 0.03
    for k in (1, 5, 10, 13):
        part = train(rate, k, eval_set=valid)
        again = train(rate, 20 - k, part, eval_set=valid, metric=("validation", "RMSE"))
        assert rates(again) == close(found)
    with pytest.raises(gl.ScheduleError, match="there is only"):
        train(rate, 3, eval_set=valid, metric=("validation", "MAE"))
    with pytest.raises(gl.ScheduleError, match="a metric, but there is no `eval_set`"):
        train(rate, 3)


# The rounds

LEAVES = gl.Linear(0.01, 0.5, steps=40) >> gl.Cosine(0.5, 0.01, steps=60)
TEXT = "linear(0.01, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def told(schedule, rounds, model=None, **options):
    """Return what a training is told when it begins."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        train(schedule, rounds, model, **options)
    return [str(warning.message) for warning in seen]


def test_a_schedule_that_ends_long_before_the_trees_do_is_told():
    short = gl.Cosine(0.5, 1e-3, steps=3)
    (message,) = told(short, 10)
    assert "has 3 steps, but the run makes 10 rounds: the last 7 rounds are past" in message
    assert "0.01, steps=rest)', or write .stretch(10) after the schedule" in message
    assert told({"eta": short}, 10) == [message]
    with pytest.raises(gl.ScheduleError, match="but the run makes 10 rounds"):
        train(short, 10, on_length="raise")
    assert told(short, 10, on_length="ignore") == told(short.stretch(10), 10) == []


def test_a_training_that_never_leaves_the_warm_up_is_told():
    (message,) = told(LEAVES, 15)
    assert "has 100 steps, but the run makes 15 rounds and ends in its warm-up" in message
    endless = gl.Linear(0.01, 0.5, steps=400) >> gl.Constant(0.5)
    assert "has no end, but the run makes 9 rounds and ends in its" in told(endless, 9)[0]


def test_what_fits_is_not_told():
    for schedule, rounds in (
        (LEAVES, 50),  # the first part of a training, say
        (gl.Constant(0.3), 10),
        (gl.Linear(0.01, 0.3, steps=5), 10),  # its end holds
        (gl.Geometric(0.3, 0.9), 10),
        ({"learning_rate": gl.Constant(0.1), "reg_lambda": gl.Linear(1.0, 0.0, steps=3)}, 10),
    ):
        assert told(schedule, rounds) == []


def test_continued_training_is_counted_from_where_the_model_stands():
    rate = gl.Linear(0.5, 0.01, steps=20)
    half = train(rate, 12)
    assert told(rate, 8, half) == []
    (message,) = told(rate, 12, half)
    assert "the run makes 24 rounds: the last 4 rounds are past" in message


def test_lengths_in_percent_of_the_trees():
    whole = gl.Linear(0.01, 0.5, steps=2) >> gl.Cosine(0.5, 0.01, steps=18)
    model = train(TEXT, 20)
    assert rates(model) == close(table(whole, 20))
    assert json.loads(dict(model.get_metadata().items())["glissando"]) == {
        "schedule": whole.to_data()
    }
    assert leaves(train({"eta": TEXT}, 20)) == leaves(model)
    assert leaves(train(lambda trees: {"eta": TEXT}, 20)) == leaves(model)
    by_trees = train(lambda trees: gl.Linear(0.5, 0.1, steps=trees), 20)
    assert rates(by_trees) == close(table(gl.Linear(0.5, 0.1, steps=20), 20))
    with pytest.raises(gl.ScheduleMismatch, match="saved after 20 updates"):
        train(TEXT, 10, model)
    assert train(TEXT, 10, model, on_mismatch="replace").tree_count_ == 30


def test_bad_texts_and_names_are_refused_before_anything_is_trained():
    for text in ("linear(0.1, 0.5, steps=10%) >> cosin(0.5, 0, steps=rest)", "linear(0,", ""):
        for bad in (text, {"eta": text}, lambda trees, text=text: text):
            with pytest.raises(gl.ScheduleError):
                train(bad, 10)
    for schedule in ({"depth": TEXT}, lambda trees: {"depth": TEXT}):
        with pytest.raises(gl.ScheduleError, match="`depth` cannot follow a schedule"):
            train(schedule, 10)
    for name in ("lr", "step_size"):
        with pytest.raises(gl.ScheduleError, match="here it is called 'learning_rate'"):
            train({name: WARM}, 10)


@pytest.mark.parametrize("option", ["early_stopping_rounds", "od_wait"])
def test_early_stopping_is_refused_wherever_it_is_written(option):
    rate = gl.Plateau(patience=5).on(gl.Constant(0.1))
    model = catboost.CatBoostRegressor(iterations=10, **PLAIN, **{option: 2})
    with pytest.raises(gl.ScheduleError, match=f"`{option}` cannot be used"):
        gl.catboost.fit(model, rate, ROWS, HALVES, eval_set=(ROWS, HALVES))
