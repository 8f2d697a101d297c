"""LightGBM follows a schedule: a callback that acts before each round."""

import weakref
from collections.abc import Mapping
from typing import Any

from lightgbm import CVBooster
from lightgbm.callback import CallbackEnv

from glissando.adapters.shared.boosters import by_main_name, last_metric
from glissando.adapters.shared.conflicts import Conflicts, Reaction
from glissando.adapters.shared.param_schedules import ParamSchedules, Schedules
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.errors import ScheduleError

_NAME = "learning_rate"

_ALIASES = {
    "eta": "learning_rate",
    "shrinkage_rate": "learning_rate",
    "reg_lambda": "lambda_l2",
    "reg_alpha": "lambda_l1",
    "subsample": "bagging_fraction",
    "bagging": "bagging_fraction",
    "colsample_bytree": "feature_fraction",
    "colsample_bynode": "feature_fraction_bynode",
    "min_split_gain": "min_gain_to_split",
    "min_child_weight": "min_sum_hessian_in_leaf",
}

READ = (
    "learning_rate",
    "lambda_l1",
    "lambda_l2",
    "bagging_fraction",
    "feature_fraction",
    "feature_fraction_bynode",
    "min_gain_to_split",
    "min_sum_hessian_in_leaf",
    "max_delta_step",
    "path_smooth",
    "linear_lambda",
)
"""The parameters that LightGBM reads again before each round."""

_SMALLEST = 1e-300
"""Stands for a learning rate of 0, which LightGBM refuses; it writes 0 into the leaves."""


def learning_rate(
    schedule: Schedules,
    metric: tuple[str, str] | None = None,
    *,
    on_conflict: Reaction = "warn",
    on_mismatch: Policy = "raise",
) -> "Follower":
    """Return a callback that sets the learning rate, and other parameters, before each round.

    Round k uses `schedule(k)`, k being the rounds in the booster, those of an `init_model` too. It
    goes into the `callbacks` of `lightgbm.train`, `lightgbm.cv` and the scikit-learn estimators.
    The schedule may be longer or shorter than `num_boost_round`. A round in which no tree could be
    grown does not count, as it does not for LightGBM.

    To go on from a saved model, the model is enough: pass it as `init_model`. LightGBM's models
    have no place for anything else, so that a changed schedule is found out only where the
    callback's own `state_dict()` was saved with the model; with a plateau it has to be, for the
    rate to stay as low as it was.

    Args:
        schedule: the schedule of the learning rate, or schedules by name: `learning_rate`,
            `lambda_l1`, `lambda_l2`, `bagging_fraction`, `feature_fraction`,
            `feature_fraction_bynode`, `min_gain_to_split`, `min_sum_hessian_in_leaf`,
            `max_delta_step`, `path_smooth` and `linear_lambda`. The names that the scikit-learn
            estimators have for these do as well. Also schedules on a plateau.
        metric: what a plateau monitors, such as `("valid_0", "l2")`; by default the last metric
            of the last data in `valid_sets`. In `cv` it is the mean. The training data itself and
            metrics of your own cannot be monitored.
        on_conflict: what to do when something else set a scheduled parameter: `"warn"` once a
            training, `"raise"` a `ScheduleError`, or `"ignore"` it. It is then set again.
        on_mismatch: what `load_state_dict` does by default with a state of another schedule.

    Raises:
        ScheduleError: an argument breaks its rule, or LightGBM does not read a parameter again; in
            training: `bagging_fraction` without a `bagging_freq`, or across the line that makes
            LightGBM corrupt its memory (one half, by `bagging_freq`); boosting "dart", which begins
            its random drops anew whenever a parameter is set; the learning rate of a random
            forest, which has none; a plateau without a metric to monitor.

    Example:
        >>> import lightgbm, numpy as np
        >>> import glissando as gl
        >>> data = lightgbm.Dataset(np.arange(100.0).reshape(100, 1), np.arange(100.0))
        >>> rate = gl.Linear(0.5, 0.1, steps=10)
        >>> booster = lightgbm.train(
        ...     {"verbose": -1}, data, 5, callbacks=[gl.lightgbm.learning_rate(rate)]
        ... )
        >>> [line for line in booster.model_to_string().split() if "shrinkage" in line][1:]
        ['shrinkage=0.46', 'shrinkage=0.42', 'shrinkage=0.38', 'shrinkage=0.34']
    """
    return Follower(schedule, metric, on_conflict=on_conflict, on_mismatch=on_mismatch)


class Follower(Resumable):
    """The callback that `learning_rate` returns; see there."""

    before_iteration = True
    order = 10

    def __init__(
        self,
        schedule: Schedules,
        metric: tuple[str, str] | None,
        *,
        on_conflict: Reaction,
        on_mismatch: Policy,
    ) -> None:
        check_policy(on_mismatch)
        self.schedule = by_main_name(schedule, _ALIASES, _NAME)
        self.metric = metric
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch = on_mismatch
        self._schedules = ParamSchedules(self.schedule, _NAME, "learning_rate")
        self._schedules.check_names(READ, "LightGBM does not read it again between rounds")
        self._model: Any = None  # a weak reference
        self._begin()

    def _begin(self) -> None:
        self._step = 0  # the rounds done, if the one that was begun last came to its end
        self._set: dict[str, float] = {}  # what was set last
        self._sides: set[tuple[int, bool]] = set()  # of the line between two ways of bagging
        self._conflicts = Conflicts(self.on_conflict, _NAME)

    def __call__(self, env: CallbackEnv) -> None:
        """Set the values of the round to come."""
        boosters = env.model.boosters if isinstance(env.model, CVBooster) else [env.model]
        step = boosters[0].current_iteration()
        if env.iteration == env.begin_iteration:
            self._begin()
            self._model = weakref.ref(boosters[0])
            if step == 0:  # a new model: nothing that was observed or loaded is about it
                self._schedules = ParamSchedules(self.schedule, _NAME, "learning_rate")
            self._check(env.params, boosters)
        else:
            self._conflicts.compare(
                f"before round {step}",
                self._set,
                boosters[0].params.get,
                "another callback sets it",
            )
        if self._schedules.monitors_metric and step:
            self._schedules.observe(self._observed(boosters), step)
        values = self._schedules.rates(step)
        if "bagging_fraction" in values:
            self._bag(values["bagging_fraction"], step, env.params, boosters)
        if values.get("learning_rate") == 0:
            values["learning_rate"] = _SMALLEST
        for booster in boosters:
            held = booster.params
            # only what is another: LightGBM draws random numbers whenever something is set
            booster.reset_parameter({n: v for n, v in values.items() if held.get(n) != v})
        self._set, self._step = values, step + 1

    def _steps_begun(self) -> int:
        return self._step

    def _steps_done(self) -> int:
        model = self._model and self._model()
        return self._step if model is None else int(model.current_iteration())

    def _go_on(self, schedules: ParamSchedules, step: int) -> None:
        self._schedules, self._step, self._model = schedules, step, None

    def __getstate__(self) -> dict[str, Any]:
        """Pickle and copy without the model."""
        return {**self.__dict__, "_step": self._steps_done(), "_model": None}

    def _check(self, params: Mapping[str, Any], boosters: list[Any]) -> None:
        """Refuse what LightGBM would read and not use."""
        if "bagging_fraction" in self._schedules.names:
            if not _bagging_freq(params):
                raise ScheduleError(
                    f"{_NAME}: `bagging_fraction` does nothing without a `bagging_freq` of "
                    "1 or more (`subsample_freq` in the scikit-learn estimators)"
                )
            first = _first(params, ("bagging_fraction", "subsample", "sub_row", "bagging"), 1.0)
            self._bag(float(first), 0, params, boosters)  # what the booster was made with
        kind = _first(params, ("boosting", "boosting_type", "boost"), "gbdt")
        if kind == "dart":
            raise ScheduleError(
                f"{_NAME}: boosting='dart' cannot follow a schedule: LightGBM begins its "
                "random drops anew whenever a parameter is set, and drops none of the trees or all"
            )
        if "learning_rate" in self._schedules.names and kind in ("rf", "random_forest"):
            raise ScheduleError(f"{_NAME}: boosting={kind!r} has no learning rate")

    def _bag(self, fraction: float, step: int, params: Any, boosters: list[Any]) -> None:
        """Refuse to go from one way of bagging to the other, which corrupts LightGBM's memory."""
        # LightGBM copies the bag's rows where they are at most half of all, by the rounds that a
        # bag is kept; otherwise it points at them. It cannot change over once it has begun.
        if fraction >= 1:  # no bagging
            return
        freq = _bagging_freq(params)
        for index, booster in enumerate(boosters):
            rows = booster.train_set.num_data()
            side = int(fraction * rows) / rows / freq <= 0.5
            if (index, not side) in self._sides:
                raise ScheduleError(
                    f"{_NAME}: `bagging_fraction` must stay above {freq / 2:g}, or at or "
                    f"below it, for a whole training, got {fraction:.6g} at round {step}: "
                    "LightGBM corrupts its memory and crashes when it crosses that line. (A 1, no "
                    "bagging, is always allowed.)"
                )
            self._sides.add((index, side))

    def _observed(self, boosters: list[Any]) -> float:
        """Return the metric after the last round; in `cv`, the mean of all folds."""
        values = []
        for booster in boosters:
            log: dict[str, dict[str, list[float]]] = {}
            for data, name, value, *_ in booster.eval_valid():
                log.setdefault(data, {})[name] = [value]
            values.append(last_metric(log, self.metric, _NAME, "there are no `valid_sets`"))
        return float(sum(values) / len(values))


def _first(params: Mapping[str, Any], names: tuple[str, ...], default: Any) -> Any:
    """Return a parameter that has several names."""
    return next((params[name] for name in names if params.get(name) is not None), default)


def _bagging_freq(params: Mapping[str, Any]) -> int:
    return int(_first(params, ("bagging_freq", "subsample_freq"), 0))
