"""CatBoost follows a schedule: it trains one tree at a time, each with its own parameters.

Nothing can set a parameter of CatBoost while it trains: callbacks are called after an iteration
only, see no more than the metrics, and what they change in the model's parameters is not read.
But a training that is continued in memory with `init_model=` goes on exactly where it stopped, so
that n trainings of one tree make the very model that one training of n trees makes.
"""

import os
from collections.abc import Mapping
from typing import Any

from glissando.adapters.shared.boosters import (
    KEY,
    check_before,
    compare_rounds,
    dump_state,
    for_rounds,
    last_metric,
    load_state,
)
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.resume import Policy
from glissando.adapters.shared.run_length import Rate
from glissando.errors import ScheduleError, shown

with framework_of("catboost"):
    import catboost  # noqa: F401  # to say so where it is missing

_NAME = "catboost.fit"

SET = (
    "learning_rate",
    "l2_leaf_reg",
    "subsample",
    "rsm",
    "random_strength",
    "bagging_temperature",
)
"""The parameters that may differ from tree to tree."""

_ALIASES = {"eta": "learning_rate", "reg_lambda": "l2_leaf_reg", "colsample_bylevel": "rsm"}
_ROUNDS = ("iterations", "num_boost_round", "n_estimators", "num_trees")

_WHOLE = {
    ("early_stopping_rounds", "od_type", "od_wait", "od_pval", "use_best_model"): (
        "it looks at all rounds of a training, and here each has one"
    ),
    ("save_snapshot", "snapshot_file"): (
        "a snapshot is of one training; save the model and pass it as init_model"
    ),
    ("plot", "plot_file"): "it shows one training, and here each has one round",
    ("callbacks",): "they would see n trainings of one round",
    ("model_shrink_rate",): "CatBoost ignores it when training is continued",
    ("langevin", "posterior_sampling"): (
        "CatBoost begins its noise anew when training is continued"
    ),
}
"""What is about a training as a whole, and why it cannot be used here."""


def fit(
    model: Any,
    schedule: Rate,
    X: Any,  # noqa: N803  # as in CatBoost
    y: Any = None,
    *,
    init_model: Any = None,
    metric: tuple[str, str] | None = None,
    on_length: Reaction = "warn",
    on_mismatch: Policy = "raise",
    **options: Any,
) -> Any:
    """Train a CatBoost model whose learning rate, or other parameters, follow a schedule.

    Stands for `model.fit(X, y, **options)`. Tree k uses `schedule(k)`, k being the trees in the
    model, those of `init_model` too. CatBoost has no way to change a parameter in a training: here
    it trains one tree at a time, each training continuing the last. With one rate all along the
    result is that of `model.fit` to the last bit.

    It takes longer: give it a `catboost.Pool` that you have called `quantize()` on, so that the
    data is prepared once and not for each tree; it is then 2 to 4 times the time of `model.fit`,
    and more if many trees are in `init_model`.

    What is followed is kept in the model's metadata under `"glissando"`, and is saved and loaded
    with the model: nothing else is needed to resume. As in any training that CatBoost continues,
    its random numbers begin anew there; the rates do not.

    Args:
        model: a CatBoost estimator that is not fitted. It stays as it is: its parameters are
            those of every tree, and its `iterations` (1000 by default) is how many are added.
        schedule: the schedule of the learning rate, or schedules by name: `learning_rate`,
            `l2_leaf_reg`, `subsample`, `rsm`, `random_strength` and `bagging_temperature`. Also
            schedules on a plateau. Where lengths shall be those of the training, a text such as
            `"linear(0.01, 0.3, steps=10%) >> cosine(0.3, 0.01, steps=rest)"` in place of each, or a
            function of the number of trees, those of `init_model` too.
        X: the data, as `model.fit` takes it.
        y: the targets, unless they are in `X`.
        init_model: a model to add the trees to: an estimator of CatBoost, or the path of its file.
        metric: what a plateau monitors, such as `("validation", "RMSE")`; by default the last
            metric of the last data of `eval_set`.
        on_length: what to do when the schedule of the learning rate does not fit the number of
            trees: `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it. It does not if a small
            rate is left for the last trees, or they are still in the warm-up, or are less than a
            tenth of it. Counted are the trees of `init_model`, too.
        on_mismatch: what to do with an `init_model` that was trained with another schedule:
            `"raise"`, `"keep"`, `"replace"`, `"continue"` or `"rewarm"`; see
            `glissando.ScheduleMismatch`.
        options: what else `model.fit` takes.

    Returns:
        A fitted estimator of the same class. Its parameters are those of its last training: one
        iteration, at the last tree's rate.

    Raises:
        ScheduleError: an argument breaks its rule; an option or a parameter of the model is about
            a whole training (early stopping, snapshots, plots, callbacks) or comes out different
            in a continued one (Langevin, model shrinkage); a rate of 0, which CatBoost refuses.
        ScheduleMismatch: `init_model` was trained with another schedule.

    Example:
        >>> import catboost, numpy as np
        >>> import glissando as gl
        >>> data = catboost.Pool(np.arange(8.0).reshape(8, 1), np.arange(8.0))
        >>> data.quantize()
        >>> rate = gl.Linear(0.5, 0.1, steps=10)
        >>> template = catboost.CatBoostRegressor(
        ...     iterations=5, allow_writing_files=False, verbose=False
        ... )
        >>> model = gl.catboost.fit(template, rate, data)
        >>> model = gl.catboost.fit(template, rate, data, init_model=model)
        >>> model.tree_count_, round(model.learning_rate_, 6)
        (10, 0.14)
    """
    why = "it is none of what may differ from tree to tree"
    check_before(schedule, _ALIASES, _NAME, SET, why)
    check_reaction(on_length, f"{_NAME}: `on_length`")
    params = dict(model.get_params())
    _check_options(params, options)
    rounds = next((params.pop(name) for name in _ROUNDS if name in params), 1000)
    if rounds < 1:
        raise ScheduleError(f"{_NAME}: `iterations` must be 1 or more, got {shown(rounds)}")
    if isinstance(init_model, str | os.PathLike):
        init_model = type(model)().load_model(init_model)
    # A copy leaves behind what CatBoost remembers of a training: it depends on how the model came
    # here, and a model that was continued twice may have trees in it twice.
    fitted: Any = None if init_model is None else init_model.copy()
    done = 0 if fitted is None else fitted.tree_count_
    schedules = for_rounds(schedule, done + rounds, _ALIASES, _NAME)
    schedules.check_names(SET, why)
    for alias, name in _ALIASES.items():
        if name in schedules.names:
            params.pop(alias, None)
    saved = None if fitted is None else dict(fitted.get_metadata().items()).get(KEY)
    if saved is not None:
        state = load_state(saved, done, f"{_NAME}: {KEY!r} in the model's metadata")
        schedules.load_state_dict(state, on_mismatch)
    compare_rounds(schedules, done + rounds, _NAME, on_length)
    for step in range(done, done + rounds):
        if done and step > done:
            # CatBoost adds all trees since `init_model` to it once more: take them out before
            fitted.shrink(ntree_end=done)
        values = schedules.rates(step)
        if values.get("learning_rate", 1.0) < 2.0**-23:
            raise ScheduleError(
                f"{_NAME}: CatBoost takes no learning rate below 1.2e-7, got "
                f"{values['learning_rate']:.6g} at tree {step}; begin a warm-up above it"
            )
        single = type(model)(**{**params, **values, "iterations": 1, "use_best_model": False})
        fitted = single.fit(X, y, init_model=fitted, **options)
        if schedules.monitors_metric:
            log = fitted.get_evals_result()
            if metric is None:  # then it is not one of the training data
                log = {data: metrics for data, metrics in log.items() if data != "learn"}
            value = last_metric(log, metric, _NAME, "there is no `eval_set`")
            schedules.observe(value, step + 1)
    fitted = fitted.copy()
    fitted.get_metadata()[KEY] = dump_state(schedules, done + rounds)
    return fitted


def _check_options(params: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    for names, reason in _WHOLE.items():
        for name in names:
            if options.get(name) or params.get(name):
                raise ScheduleError(f"{_NAME}: `{name}` cannot be used with a schedule: {reason}")
