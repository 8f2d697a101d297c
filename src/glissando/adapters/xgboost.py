"""XGBoost follows a schedule: a callback that acts before each round, the first one included."""

import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import xgboost

from glissando.adapters.shared.boosters import (
    KEY,
    Metrics,
    by_main_name,
    dump_state,
    last_metric,
    load_state,
)
from glissando.adapters.shared.conflicts import Conflicts, Reaction
from glissando.adapters.shared.param_schedules import ParamSchedules, Schedules
from glissando.adapters.shared.resumable import Finishable
from glissando.adapters.shared.resume import Policy, check_policy

_NAME = "LearningRateScheduler"

_ALIASES = {
    "eta": "learning_rate",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
    "min_split_loss": "gamma",
}

_LINEAR = ("learning_rate", "lambda", "alpha")
_TREE = (
    *_LINEAR,
    "gamma",
    "min_child_weight",
    "max_delta_step",
    "subsample",
    "colsample_bytree",
    "colsample_bylevel",
    "colsample_bynode",
)
_DART = (*_TREE, "rate_drop", "skip_drop")
READ = {"gbtree": _TREE, "gblinear": _LINEAR, "dart": _DART}
"""By booster: the parameters that it reads again before each round."""

_SMALLEST = 2.0**-126
"""XGBoost raises for a number that is not 0 and below the smallest normal float32."""


class LearningRateScheduler(Finishable, xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """Set the learning rate, and other parameters, of an XGBoost booster before each round.

    Round k uses `schedule(k)`, k being the rounds that the booster has done, of an earlier
    training too (`xgb_model=`), and from tree 0 on. (XGBoost's own callback acts after each round,
    so that tree 0 does not follow it, and begins again at 0 when training is continued.) It goes
    into the `callbacks` of `xgboost.train`, `xgboost.cv` and the scikit-learn estimators, and may
    be used more than once.

    What is followed is kept in the booster, as JSON in the attribute `"glissando"`, and is saved
    and loaded with the model: nothing else is needed to resume. A model that was trained with
    another schedule is refused, or continued by `on_mismatch`.

    Args:
        schedule: the schedule of the learning rate, or schedules by name. With the boosters gbtree
            and dart: `learning_rate`, `lambda`, `alpha`, `gamma`, `min_child_weight`,
            `max_delta_step`, `subsample`, `colsample_bytree`, `colsample_bylevel` and
            `colsample_bynode`; with dart also `rate_drop` and `skip_drop`; with gblinear the first
            three. XGBoost's other names of these do as well. Also schedules on a plateau.
        metric: what a plateau monitors, such as `("valid", "rmse")`; by default the last metric
            of the last data in `evals`, as in early stopping. In `cv` it is the mean.
        on_conflict: what to do when something else set a scheduled parameter: `"warn"` once a
            training, `"raise"` a `ScheduleError`, or `"ignore"` it. It is then set again.
            To look costs about 0.3 ms a round.
        on_mismatch: what to do with a model that was trained with another schedule: `"raise"`,
            `"keep"`, `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`.

    Raises:
        ScheduleError: an argument breaks its rule; in training: the booster does not read a
            parameter again, or a plateau has no metric to monitor.
        ScheduleMismatch: in training, before the first round.

    Example:
        >>> import numpy as np, xgboost
        >>> import glissando as gl
        >>> data = xgboost.DMatrix(np.arange(8.0).reshape(8, 1), np.arange(8.0))
        >>> rate = gl.Linear(0.5, 0.1, steps=10)
        >>> follow = gl.xgboost.LearningRateScheduler(rate)
        >>> booster = xgboost.train({}, data, 5, callbacks=[follow])
        >>> booster = xgboost.train({}, data, 5, callbacks=[follow], xgb_model=booster)
        >>> booster.num_boosted_rounds(), booster.attr("glissando")[:30]
        (10, '{"schedule": {"type": "linear"')
    """

    def __init__(
        self,
        schedule: Schedules,
        metric: tuple[str, str] | None = None,
        *,
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        super().__init__()
        check_policy(on_mismatch)
        self.schedule = by_main_name(schedule, _ALIASES, _NAME)
        self.metric = metric
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch: Policy = on_mismatch
        self._begin()
        self._schedules.check_names(_DART, "no booster reads it again between rounds")

    def _begin(self) -> None:
        self._schedules = ParamSchedules(self.schedule, _NAME, "learning_rate")
        self._set: dict[str, float] = {}  # what was set last
        self._step = 0  # the rounds begun
        self._conflicts = Conflicts(self.on_conflict, _NAME)

    def before_training(self, model: Any) -> Any:
        """Go on from what the model has followed so far."""
        self._begin()
        saved = model.attr(KEY)
        if saved is not None:
            where = f"{_NAME}: the model's attribute {KEY!r}"
            state = load_state(saved, model.num_boosted_rounds(), where)
            self._schedules.load_state_dict(state, self.on_mismatch)
        booster = _config(model)["gradient_booster"]["name"]
        why = f"booster {booster!r} does not read it again between rounds"
        self._schedules.check_names(READ[booster], why)
        self._keep(model)
        return model

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Set the values of the round to come."""
        step = model.num_boosted_rounds()
        if self._set and not self._conflicts.silent:  # reading takes its time
            self._conflicts.compare(
                f"before round {step}",
                self._set,
                partial(_find, _config(model)["gradient_booster"]),
                "another callback sets it",
                _same,
            )
        self._set = self._schedules.rates(step)
        self._step = step + 1
        model.set_param({name: _written(value) for name, value in self._set.items()})
        return False

    def after_iteration(self, model: Any, epoch: int, evals_log: Metrics) -> bool:
        """Let the plateaus observe the metric of the round."""
        if self._schedules.monitors_metric:
            value = last_metric(evals_log, self.metric, _NAME, "there are no `evals`")
            # of cv: mean and deviation
            metric = float(value[0] if isinstance(value, tuple) else value)
            self._schedules.observe(metric, model.num_boosted_rounds())
        if self._schedules.monitors_metric or self._schedules.followed is not self._kept:
            self._keep(model)  # for callbacks that save the model now
        return False

    def after_training(self, model: Any) -> Any:
        """Leave in the model what it has followed."""
        self._keep(model)
        return model

    def _keep(self, model: Any) -> None:
        self._kept = self._schedules.followed
        model.set_attr(**{KEY: dump_state(self._schedules, model.num_boosted_rounds())})

    def _steps_begun(self) -> int:
        return self._step


def _same(now: float | None, value: float) -> bool:
    """Return whether a parameter is what was set, to what XGBoost holds of it; None if unknown."""
    return now is None or math.isclose(now, value, rel_tol=1e-6, abs_tol=_SMALLEST)


def _written(value: float) -> str:
    """Return a number as XGBoost reads it to the last bit."""
    if value < _SMALLEST:
        return "0"
    if value < 1e-9:  # it reads 19 digits at most
        return repr(value)
    # with an exponent it would read a number only nearly right
    return np.format_float_positional(np.float32(value), trim="-")


def _config(model: Any) -> Any:
    """Return a booster's configuration; in `cv`, of the first fold's."""
    booster = model.cvfolds[0].bst if hasattr(model, "cvfolds") else model
    return json.loads(booster.save_config())["learner"]


def _find(config: Mapping[str, Any], name: str) -> float | None:
    """Return a parameter from a booster's configuration, which is nested."""
    for key, value in config.items():
        if key == name:
            return float(value)
        if isinstance(value, Mapping) and (found := _find(value, name)) is not None:
            return found
    return None
