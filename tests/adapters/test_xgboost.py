"""XGBoost: with a gradient of -1 and a Hessian of 1 the leaf of each tree is the rate."""

import json
import pickle
import warnings

import numpy as np
import pytest
import xgboost
from sklearn.base import clone

import glissando as gl

WARM = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=53)
LONGER = gl.Linear(0.0, 0.5, steps=7) >> gl.Cosine(0.5, 0.01, steps=113)
OTHER = gl.Geometric(0.3, 0.9)

PLAIN = {"lambda": 0.0, "base_score": 0.0, "max_depth": 1, "eta": 0.9, "verbosity": 0, "nthread": 1}
DATA = xgboost.DMatrix(np.zeros((4, 1), "f"), np.ones(4, "f"))


def pull(predictions, data):
    """Return the same gradient whatever was learned, so that no tree depends on another."""
    return -np.ones(len(predictions), "f"), np.ones(len(predictions), "f")


def train(schedule, rounds, model=None, params=PLAIN, callbacks=(), **options):
    follow = gl.xgboost.LearningRateScheduler(schedule, **options)
    return xgboost.train(
        params, DATA, rounds, obj=pull, xgb_model=model, callbacks=[follow, *callbacks]
    )


def rates(booster):
    """Return what each tree adds to a prediction."""
    return [json.loads(tree)["leaf"] for tree in booster.get_dump(dump_format="json")]


def table(schedule, n=60, start=0):
    """Return a schedule's rates as XGBoost prints its float32 numbers."""
    return [np.float32(schedule(k)) for k in range(start, start + n)]


def same(booster, schedule, start=0):
    found = [np.float32(rate) for rate in rates(booster)[start:]]
    return found == table(schedule, len(found), start)


CURVES = [WARM, OTHER, gl.Constant(0.1), gl.recipes.keras_tip.one_cycle()]


@pytest.mark.parametrize("method", ["hist", "exact", "approx"])
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
@pytest.mark.parametrize("schedule", CURVES, ids=str)
def test_pain_18_tree_0_is_included(schedule, booster, method):
    """XGBoost's own callback acts after each round, so that tree 0 ignores the schedule."""
    params = {**PLAIN, "booster": booster, "tree_method": method}
    assert same(train(schedule, 60, params=params), schedule)
    own = xgboost.callback.LearningRateScheduler(schedule)
    theirs = xgboost.train(params, DATA, 3, obj=pull, callbacks=[own])
    assert np.float32(rates(theirs)[0]) != np.float32(schedule(0))


def test_gblinear_follows():
    data = xgboost.DMatrix(np.ones((4, 1), "f"), np.ones(4, "f"))
    params = {**PLAIN, "booster": "gblinear", "updater": "coord_descent"}
    found = []

    class Look(xgboost.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            found.append(float(model.predict(data)[0]))

    follow = gl.xgboost.LearningRateScheduler({"eta": gl.Piecewise([0.5, 0.0, 0.25], [1, 2])})
    xgboost.train(params, data, 3, callbacks=[follow, Look()])
    # bias and weight each go that share of what is left
    assert found == [0.75, 0.75, 1 - 0.25 * 0.75**2]


def test_pain_45_continued_training_goes_on_at_the_rounds_already_there(tmp_path):
    """Continued training restarts the schedule at 0."""
    whole = train(WARM, 60)
    for path in (None, tmp_path / "model.json", tmp_path / "model.ubj"):
        part = train(WARM, 20)
        if path:
            part.save_model(path)
        part = train(WARM, 25, model=path or part)
        assert rates(train(WARM, 15, part)) == rates(whole)
    assert same(whole, WARM)
    own = xgboost.callback.LearningRateScheduler(WARM)
    theirs = xgboost.train(PLAIN, DATA, 3, obj=pull, callbacks=[own], xgb_model=part)
    assert theirs.num_boosted_rounds() == 48
    assert np.float32(rates(theirs)[-1]) == np.float32(WARM(1))  # begun anew, and one late


@pytest.mark.parametrize("k", range(1, 60))
def test_interrupted_at_every_round_the_rest_is_bit_equal(k, tmp_path):
    train(WARM, k, on_length="ignore").save_model(tmp_path / "model.ubj")
    booster = train(WARM, 60 - k, tmp_path / "model.ubj")
    assert same(booster, WARM)
    assert booster.num_boosted_rounds() == 60


def test_a_checkpoint_that_xgboost_saves_in_training_can_be_continued(tmp_path):
    check = xgboost.callback.TrainingCheckPoint(tmp_path, interval=7)
    train(WARM, 30, callbacks=[check])
    booster = train(WARM, 60 - 29, tmp_path / "model_28.ubj")
    assert booster.num_boosted_rounds() == 60
    assert same(booster, WARM)


def test_a_model_that_followed_nothing_is_continued_at_its_rounds():
    before = xgboost.train({**PLAIN, "eta": 0.5}, DATA, 5, obj=pull)
    booster = train(WARM, 10, before)
    assert rates(booster)[:5] == [0.5] * 5
    assert same(booster, WARM, 5)


def test_another_schedule_is_refused_and_the_model_stays_as_it_is():
    before = train(WARM, 30)
    raw = before.save_raw()
    with pytest.raises(gl.ScheduleMismatch, match="saved after 30 updates under another schedule"):
        train(LONGER, 30, before)
    assert before.save_raw() == raw


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("keep", WARM(30), WARM(31)),
        ("replace", LONGER(30), LONGER(31)),
        ("continue", WARM(30), LONGER(31) * WARM(30) / LONGER(30)),
        ("rewarm", LONGER(0), LONGER(1)),
    ],
)
def test_policies(policy, first, second):
    booster = train(LONGER, 2, train(WARM, 30), on_mismatch=policy)
    assert rates(booster)[30:] == pytest.approx([first, second], rel=1e-6)
    # and once more: what is followed now was saved
    again = train(LONGER, 2, booster, on_mismatch=policy)
    straight = train(LONGER, 4, train(WARM, 30), on_mismatch=policy)
    assert rates(again) == rates(straight)


@pytest.mark.parametrize("form", ["json", "ubj", "pickle"])
def test_a_saved_model_carries_its_schedule_and_is_otherwise_untouched(form, tmp_path):
    booster = train(WARM, 10)
    plain = xgboost.train(PLAIN, DATA, 10, obj=pull)
    assert booster.attributes().keys() - plain.attributes().keys() == {"glissando"}
    booster.set_attr(mine="1")
    if form == "pickle":
        again = pickle.loads(pickle.dumps(booster))
    else:
        booster.save_model(tmp_path / f"model.{form}")
        again = xgboost.Booster(model_file=tmp_path / f"model.{form}")
    assert again.attributes() == booster.attributes()
    assert json.loads(again.attr("glissando")) == {"schedule": WARM.to_data()}
    assert (again.predict(DATA) == booster.predict(DATA)).all()
    again.set_attr(glissando=None)
    assert (again.predict(DATA) == booster.predict(DATA)).all()


def test_a_length_that_becomes_known_later_is_no_other_schedule():
    open_ = gl.Linear(0.1, 0.5, steps=5) >> gl.Constant(0.5).open_ended() >> gl.Sqrt(0.5, 0.0, 10)
    told = open_.finish(steps=40)
    booster = train(told, 20, train(open_, 20))
    assert same(booster, told)
    assert np.float32(rates(booster)[39]) == np.float32(told(39)) != 0.5


def test_a_model_that_was_cut_goes_on_at_the_rounds_it_has_left():
    assert same(train(WARM, 20, train(WARM, 30)[:12]), WARM)


def test_an_attribute_of_someone_else_is_an_error():
    booster = train(WARM, 2, on_length="ignore")
    for attribute in ("no json", "[]"):
        booster.set_attr(glissando=attribute)
        with pytest.raises(gl.ScheduleError, match="not what a training left there"):
            train(WARM, 2, booster)


# Other parameters

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.random((300, 6), "f")
TARGET = RANDOM.random(300, "f")
NOISE = xgboost.DMatrix(ROWS, TARGET)

OTHERS = {
    "learning_rate": (0.3, 0.1),
    "lambda": (1.0, 30.0),
    "alpha": (0.0, 2.0),
    "gamma": (0.0, 0.5),
    "min_child_weight": (1.0, 30.0),
    "max_delta_step": (0.0, 0.01),
    "subsample": (1.0, 0.5),
    "colsample_bytree": (1.0, 0.5),
    "colsample_bylevel": (1.0, 0.5),
    "colsample_bynode": (1.0, 0.5),
    "rate_drop": (0.1, 0.9),
    "skip_drop": (0.5, 0.0),
}


def trees(booster, params, name, value):
    """Return the trees of 12 rounds with a parameter fixed, or following a schedule."""
    params = {"booster": booster, "max_depth": 3, "seed": 1, "nthread": 1, **params}
    follow = []
    if isinstance(value, float):
        params[name] = value
    else:
        follow = [gl.xgboost.LearningRateScheduler({name: value})]
    return xgboost.train(params, NOISE, 12, callbacks=follow).get_dump(with_stats=True)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
def test_pain_45_every_parameter_that_may_follow_a_schedule_is_read_again(name, booster):
    """A parameter that changes in training has its effect from that round on."""
    if name not in gl.xgboost.READ[booster]:
        with pytest.raises(gl.ScheduleError, match="cannot follow a schedule"):
            trees(booster, {}, name, gl.Constant(0.1))
        return
    params = {"rate_drop": 0.5} if name == "skip_drop" else {}
    a, b = OTHERS[name]
    first, second = trees(booster, params, name, a), trees(booster, params, name, b)
    assert first != second
    switched = trees(booster, params, name, gl.Piecewise([a, b], [6]))
    assert switched != first
    if booster != "gblinear":  # which has no trees, but one model
        assert switched[:6] == first[:6]
        assert switched[6:] != first[6:]
    assert trees(booster, params, name, gl.Constant(b)) == second  # from round 0 on


@pytest.mark.parametrize(
    ("alias", "name"), [("eta", "learning_rate"), ("reg_lambda", "lambda"), ("reg_alpha", "alpha")]
)
def test_the_other_names_do_as_well_also_those_in_the_parameters(alias, name):
    a, b = OTHERS[name]
    straight = trees("gbtree", {}, name, b)
    assert trees("gbtree", {alias: a}, alias, gl.Constant(b)) == straight
    assert trees("gbtree", {alias: a}, name, gl.Constant(b)) == straight


def test_what_is_not_read_again_is_refused_by_name():
    with pytest.raises(gl.ScheduleError, match="`num_parallel_tree` cannot follow a schedule"):
        gl.xgboost.LearningRateScheduler({"num_parallel_tree": gl.Constant(2.0)})
    with pytest.raises(gl.ScheduleError, match="did you mean 'subsample'"):
        gl.xgboost.LearningRateScheduler({"subsampel": gl.Constant(0.5)})


def test_several_at_once():
    booster = train({"learning_rate": WARM, "lambda": gl.Linear(0.0, 4.0, steps=8)}, 10)
    # four rows of gradient -1 and Hessian 1: a leaf is the rate times 4 / (4 + lambda)
    expected = [WARM(k) * 4 / (4 + min(k, 8) / 2) for k in range(10)]
    assert rates(booster) == pytest.approx(expected, rel=1e-6)


# The other ways to train


def test_pain_45_cross_validation_follows_too():
    """Folds ignored a callback; the table of metrics shows that they follow."""
    rows, ones = np.zeros((12, 1), "f"), np.ones(12, "f")
    params = {k: v for k, v in PLAIN.items() if k != "verbosity"}
    table_ = xgboost.cv(
        params,
        xgboost.DMatrix(rows, ones),
        20,
        nfold=3,
        callbacks=[gl.xgboost.LearningRateScheduler(WARM)],
        as_pandas=False,
    )
    left = np.cumprod([1 - WARM(k) for k in range(20)])
    assert table_["test-rmse-mean"] == pytest.approx(left, abs=1e-6)


def test_the_estimators_follow():
    model = xgboost.XGBRegressor(
        n_estimators=20,
        base_score=0.0,
        reg_lambda=0.0,
        max_depth=1,
        n_jobs=1,
        callbacks=[gl.xgboost.LearningRateScheduler(WARM)],
    )
    rows, ones = np.zeros((4, 1), "f"), np.ones(4, "f")
    left = np.prod([1 - WARM(k) for k in range(20)])
    for estimator in (model, clone(model), model):  # the same callback again and again
        estimator.fit(rows, ones)
        assert estimator.predict(rows) == pytest.approx([1 - left] * 4, rel=1e-5)
    model.fit(rows, ones, xgb_model=model.get_booster())
    left = np.prod([1 - WARM(k) for k in range(40)])
    assert model.predict(rows) == pytest.approx([1 - left] * 4, rel=1e-5)


def test_early_stopping_keeps_the_best_and_can_be_continued():
    valid = xgboost.DMatrix(np.zeros((4, 1), "f"), np.full(4, 2.0, "f"))
    stop = xgboost.callback.EarlyStopping(rounds=3, save_best=True)
    follow = gl.xgboost.LearningRateScheduler(gl.Constant(0.25))
    booster = xgboost.train(
        PLAIN,
        DATA,
        60,
        obj=pull,
        evals=[(valid, "valid")],
        callbacks=[follow, stop],
        verbose_eval=False,
    )
    assert booster.num_boosted_rounds() == 8  # 8 times 0.25 is 2
    assert json.loads(booster.attr("glissando")) == {"schedule": gl.Constant(0.25).to_data()}
    assert same(train(gl.Constant(0.25), 5, booster), gl.Constant(0.25))


def test_rates_below_what_xgboost_reads_are_0():
    booster = train(gl.Piecewise([0.5, 1e-30, 1e-39, 0.0, 1e-300], [1, 2, 3, 4]), 5)
    assert rates(booster) == [0.5, 1e-30, 0, 0, 0]


def test_a_rate_is_read_to_the_last_bit():
    """XGBoost reads a seventh of all numbers one bit off, if they are written with an exponent."""
    chance = np.random.default_rng(0)
    many = gl.Piecewise([*10 ** chance.uniform(-8, 0, 1000)], list(range(1, 1000)))
    assert same(train(many, 1000), many)


# A plateau

LOWERED = gl.Plateau("torch", factor=0.5, patience=1).on(gl.Constant(0.25), after=3)


def plateau(rounds, model=None, callbacks=(), data=None, **options):
    """Train on a metric that has its best after 8 rounds."""
    valid = xgboost.DMatrix(np.zeros((4, 1), "f"), np.full(4, 2.0, "f"))
    follow = gl.xgboost.LearningRateScheduler(LOWERED, **options)
    evals = [(valid, "valid")] if data is None else data
    return xgboost.train(
        PLAIN,
        DATA,
        rounds,
        obj=pull,
        evals=evals,
        xgb_model=model,
        callbacks=[follow, *callbacks],
        verbose_eval=False,
    )


def test_a_plateau_listens_to_the_last_metric_and_is_resumed(tmp_path):
    whole = rates(plateau(20))
    assert whole == [0.25] * 10 + [0.125] * 2 + [0.0625] * 2 + [0.03125] * 2 + [0.015625] * 2 + (
        [0.0078125] * 2
    )
    for k in range(1, 20):
        plateau(k).save_model(tmp_path / "model.json")
        assert rates(plateau(20 - k, tmp_path / "model.json")) == whole
    check = xgboost.callback.TrainingCheckPoint(tmp_path, interval=12)
    plateau(20, callbacks=[check])
    assert rates(plateau(7, tmp_path / "model_12.ubj")) == whole


def test_a_plateau_listens_to_the_mean_of_cross_validation():
    rate = gl.Plateau("torch", factor=0.5, patience=0, threshold=0.9).on(gl.Constant(0.5))
    follow = gl.xgboost.LearningRateScheduler(rate)
    params = {k: v for k, v in PLAIN.items() if k != "verbosity"}
    data = xgboost.DMatrix(np.zeros((12, 1), "f"), np.ones(12, "f"))
    found = xgboost.cv(params, data, 6, nfold=3, callbacks=[follow], as_pandas=False)
    state, left, expected = rate.init(), 1.0, []
    for k in range(6):
        left *= 1 - rate(k, state)
        expected.append(left)
        state = rate.update(state, left, k + 1)
    assert state.factor == 0.5**5
    assert found["test-rmse-mean"] == pytest.approx(expected, rel=1e-5)


def test_a_plateau_without_its_metric_is_refused():
    with pytest.raises(gl.ScheduleError, match="there are no `evals`"):
        plateau(3, data=[])
    with pytest.raises(gl.ScheduleError, match=r"there is only \('valid', 'rmse'\)"):
        plateau(3, metric=("valid", "mae"))
    assert rates(plateau(12, metric=("valid", "rmse"))) == rates(plateau(12))


# One owner


def test_another_callback_that_sets_the_rate_is_reported_and_overruled():
    other = xgboost.callback.LearningRateScheduler(lambda _: 0.7)
    with pytest.warns(UserWarning, match="before round 1 `learning_rate` is 0.7") as seen:
        booster = train(WARM, 8, callbacks=[other])
    assert len(seen) == 1
    assert same(booster, WARM)
    with pytest.raises(gl.ScheduleError, match="another callback sets it too"):
        train(WARM, 8, callbacks=[other], on_conflict="raise")
    assert same(train(WARM, 8, callbacks=[other], on_conflict="ignore"), WARM)


def square(step):
    return 0.1 / (step + 1) ** 2


def cube(step):
    return 0.1 / (step + 1) ** 3


def test_a_function_of_your_own_is_followed_and_known_again(tmp_path):
    check = xgboost.callback.TrainingCheckPoint(tmp_path, interval=3)
    model = train(gl.schedule(square), 5, callbacks=[check])
    assert same(train(gl.schedule(square), 5, model), square)
    assert same(train(gl.schedule(square), 5, tmp_path / "model_3.ubj"), square)
    with pytest.raises(gl.ScheduleMismatch):
        train(gl.schedule(cube), 5, model)


def test_wrong_arguments():
    with pytest.raises(gl.ScheduleError, match="`learning_rate` has two schedules, one as `eta`"):
        gl.xgboost.LearningRateScheduler({"learning_rate": WARM, "eta": WARM})
    with pytest.raises(gl.ScheduleError, match=r"must be a schedule.* in gl\.schedule"):
        train(lambda k: 0.1, 5)
    with pytest.raises(gl.ScheduleError, match="must be a schedule"):
        gl.xgboost.LearningRateScheduler(0.1)
    with pytest.raises(gl.ScheduleError, match="`on_length` must be one of"):
        gl.xgboost.LearningRateScheduler(WARM, on_length="never")
    with pytest.raises(gl.ScheduleError, match="`on_conflict` must be one of"):
        gl.xgboost.LearningRateScheduler(WARM, on_conflict="never")
    with pytest.raises(gl.ScheduleError, match="`on_mismatch` must be one of"):
        gl.xgboost.LearningRateScheduler(WARM, on_mismatch="never")


class Tell(xgboost.callback.TrainingCallback):
    """Say after a round how long the whole shall be, and save the model then."""

    def __init__(self, follow, after, at, path):
        super().__init__()
        self.told = follow, after, at, path

    def after_iteration(self, model, epoch, evals_log):
        follow, after, at, path = self.told
        if model.num_boosted_rounds() == after:
            with pytest.raises(gl.ScheduleError, match=f"at step {after - 1}: {after} updates are"):
                follow.finish(at=after - 1)
            follow.finish(at=at)
        elif model.num_boosted_rounds() == after + 1:
            model.save_model(path)
        return False


def test_the_length_can_be_told_in_training(tmp_path):
    trunk = gl.Constant(0.5).open_ended()
    wsd = gl.Linear(0.0, 0.5, steps=10) >> trunk >> gl.Linear(0.5, 0.1, steps=10)
    follow = gl.xgboost.LearningRateScheduler(wsd)
    path = tmp_path / "model.ubj"
    booster = xgboost.train(
        PLAIN, DATA, 40, obj=pull, callbacks=[follow, Tell(follow, 20, 25, path)]
    )
    assert same(booster, wsd.finish(at=25))
    assert follow.schedule == wsd.finish(at=25)
    saved = xgboost.Booster(model_file=path)
    again = train(wsd, 14, saved)
    assert same(again, wsd.finish(at=25))  # who did not hear of it goes on as told


# The rounds

LEAVES = gl.Linear(0.0, 0.5, steps=40) >> gl.Cosine(0.5, 0.01, steps=60)
TEXT = "linear(0, 0.5, steps=10%) >> cosine(0.5, 0.01, steps=rest)"


def told(schedule, rounds, **options):
    """Return what a training is told when it begins."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        train(schedule, rounds, **options)
    return [str(warning.message) for warning in seen]


def test_a_schedule_that_ends_long_before_the_rounds_do_is_told():
    (message,) = told(gl.Cosine(0.5, 0.0, steps=3), 10)
    assert "has 3 steps, but the run makes 10 rounds: the last 7 rounds are past" in message
    assert "0.01, steps=rest)', or write .stretch(10) after the schedule" in message
    assert told({"eta": gl.Cosine(0.5, 0.0, steps=3)}, 10) == [message]
    with pytest.raises(gl.ScheduleError, match="but the run makes 10 rounds"):
        train(gl.Cosine(0.5, 0.0, steps=3), 10, on_length="raise")
    assert told(gl.Cosine(0.5, 0.0, steps=3), 10, on_length="ignore") == []
    assert told(gl.Cosine(0.5, 0.0, steps=3).stretch(10), 10) == []


def test_a_training_that_never_leaves_the_warm_up_is_told():
    (message,) = told(LEAVES, 15)
    assert "has 100 steps, but the run makes 15 rounds and ends in its warm-up" in message
    assert "at most 0.175 of the 0.5 to come" in message
    endless = gl.recipes.noam(d_model=64, warmup=4000)
    (message,) = told(endless, 100)
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
        (gl.Constant(0.3, steps=3), 10),
        (gl.schedule(lambda k: 0.1 + k), 10),
        (OTHER * 2 + 0.1, 30),
        ({"lambda": gl.Linear(1.0, 0.0, steps=3)}, 10),  # no learning rate
    ):
        assert told(schedule, rounds) == []


def test_continued_training_is_counted_from_where_the_model_stands():
    half = train(LEAVES, 60)
    assert told(LEAVES, 40, model=half) == []
    (message,) = told(LEAVES, 60, model=half)
    assert "the run makes 120 rounds: the last 20 rounds are past" in message


def test_the_rounds_are_known_in_cv_and_estimators_too():
    short = gl.xgboost.LearningRateScheduler(gl.Cosine(0.5, 0.0, steps=3))
    params = {k: v for k, v in PLAIN.items() if k != "verbosity"}
    data = xgboost.DMatrix(np.zeros((12, 1), "f"), np.ones(12, "f"))
    with pytest.warns(UserWarning, match="but the run makes 10 rounds"):
        xgboost.cv(params, data, 10, nfold=3, callbacks=[short], as_pandas=False)
    with pytest.warns(UserWarning, match="but the run makes 12 rounds"):
        xgboost.XGBRegressor(n_estimators=12, callbacks=[short]).fit(ROWS, TARGET)


def test_early_stopping_is_held_against_the_rounds_that_were_planned():
    valid = [(DATA, "valid")]
    rate = gl.Linear(0.5, 0.01, steps=60)
    follow = gl.xgboost.LearningRateScheduler(rate, on_length="raise")
    booster = xgboost.train(
        PLAIN, DATA, 60, evals=valid, early_stopping_rounds=2, callbacks=[follow], verbose_eval=0
    )
    assert booster.num_boosted_rounds() < 60


def test_early_stopping_that_is_less_patient_than_the_plateau_is_told():
    stop = xgboost.callback.EarlyStopping(rounds=2)
    message = "a patience of 2 ends training after 2 rounds .* only after 2: nothing is trained"
    with pytest.warns(UserWarning, match=message) as seen:
        plateau(20, callbacks=[stop])
    assert len(seen) == 1
    plateau(20, callbacks=[xgboost.callback.EarlyStopping(rounds=3)])
    plateau(20, callbacks=[stop], on_conflict="ignore")
    other = xgboost.callback.EarlyStopping(rounds=2, data_name="other", metric_name="rmse")
    evals = [(DATA, "other"), (DATA, "valid")]
    plateau(2, callbacks=[other], data=evals, metric=("valid", "rmse"))
    follow = gl.xgboost.LearningRateScheduler(LOWERED, on_conflict="raise")
    model = xgboost.XGBRegressor(n_estimators=9, callbacks=[follow], early_stopping_rounds=1)
    with pytest.raises(gl.ScheduleError, match="EarlyStopping with a patience of 1"):
        model.fit(ROWS, TARGET, eval_set=[(ROWS, TARGET)], verbose=False)


def test_lengths_in_percent_of_the_rounds():
    whole = gl.Linear(0.0, 0.5, steps=4) >> gl.Cosine(0.5, 0.01, steps=36)
    follow = gl.xgboost.LearningRateScheduler(TEXT)
    assert repr(follow) == f"LearningRateScheduler({TEXT!r}, step=0)"
    booster = xgboost.train(PLAIN, DATA, 40, obj=pull, callbacks=[follow])
    assert same(booster, whole)
    assert repr(follow) == f"LearningRateScheduler({whole!r}, step=40)"
    assert json.loads(booster.attr("glissando")) == {"schedule": whole.to_data()}
    shorter = gl.Linear(0.0, 0.5, steps=1) >> gl.Cosine(0.5, 0.01, steps=9)
    assert same(xgboost.train(PLAIN, DATA, 10, obj=pull, callbacks=[follow]), shorter)
    by_rounds = train(lambda rounds: gl.Linear(0.5, 0.1, steps=rounds), 40)
    assert same(by_rounds, gl.Linear(0.5, 0.1, steps=40))
    named = train({"eta": TEXT, "lambda": gl.Constant(0.0)}, 40)
    assert same(named, whole)
    assert same(train(lambda rounds: {"eta": TEXT.replace("10%", "4")}, 40), whole)
    with pytest.raises(gl.ScheduleMismatch, match="saved after 40 updates"):
        train(TEXT, 10, booster)
    assert train(TEXT, 10, booster, on_mismatch="replace").num_boosted_rounds() == 50


def test_bad_texts_are_refused_at_once():
    build = gl.xgboost.LearningRateScheduler
    for text in ("linear(0, 0.5, steps=10%) >> cosin(0.5, 0, steps=rest)", "linear(0,", ""):
        with pytest.raises(gl.ScheduleError):
            build(text)
        with pytest.raises(gl.ScheduleError):
            build({"eta": text})
    with pytest.raises(gl.ScheduleError, match="`depth` cannot follow a schedule"):
        build({"depth": TEXT})
    with pytest.raises(gl.ScheduleError, match="becomes a schedule when training begins"):
        build(TEXT).finish(at=20)
    loop = xgboost.callback.CallbackContainer([build(TEXT)])
    with pytest.raises(gl.ScheduleError, match="not known outside of xgboost"):
        loop.before_training(xgboost.Booster(PLAIN, [DATA]))


def test_other_names_are_answered_with_the_right_one():
    for name in ("lr", "step_size", "learning-rate"):
        with pytest.raises(gl.ScheduleError, match="'learning_rate'"):
            gl.xgboost.LearningRateScheduler({name: WARM})


def test_the_schedule_and_the_step_are_in_the_repr():
    follow = gl.xgboost.LearningRateScheduler(gl.Constant(0.5))
    assert repr(follow) == "LearningRateScheduler(gl.Constant(0.5), step=0)"
    xgboost.train(PLAIN, DATA, 7, obj=pull, callbacks=[follow])
    assert repr(follow) == "LearningRateScheduler(gl.Constant(0.5), step=7)"
    follow = gl.xgboost.LearningRateScheduler({"eta": gl.Constant(0.5)})
    assert repr(follow) == "LearningRateScheduler({'learning_rate': gl.Constant(0.5)}, step=0)"
