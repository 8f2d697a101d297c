"""XGBoost follows a schedule: a callback that acts before each round, the first one included."""

import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from glissando.adapters.shared.boosters import (
    KEY,
    FollowsRounds,
    Metrics,
    call_of,
    codes,
    compare_rounds,
    dump_state,
    last_metric,
    load_state,
)
from glissando.adapters.shared.conflicts import Conflicts, Reaction, check_reaction
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import Rate, needs_length
from glissando.errors import ScheduleError

with framework_of("xgboost"):
    import xgboost

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

_TRAIN = codes(xgboost.train, xgboost.cv)

_SMALLEST = 2.0**-126
"""XGBoost raises for a number that is not 0 and below the smallest normal float32."""


class LearningRateScheduler(FollowsRounds, xgboost.callback.TrainingCallback):  # type: ignore[misc]
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
            three. XGBoost's other names of these do as well. Also schedules on a plateau. Where
            lengths shall be those of the training, a text such as
            `"linear(0.01, 0.3, steps=10%) >> cosine(0.3, 0.01, steps=rest)"` in place of each, or a
            function of the number of rounds, those of `xgb_model` too.
        metric: what a plateau monitors, such as `("valid", "rmse")`; by default the last metric
            of the last data in `evals`, as in early stopping. In `cv` it is the mean.
        on_length: what to do when training begins and the schedule of the learning rate does not
            fit its rounds: `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it. It does not if
            a small rate is left for the last rounds, or they are still in the warm-up, or are less
            than a tenth of it. Counted are the rounds that were planned, and those of `xgb_model`.
        on_conflict: what to do when something else set a scheduled parameter, or early stopping
            would end training before a plateau lowers the rate: `"warn"` once a training, `"raise"`
            a `ScheduleError`, or `"ignore"` it. What was set is then set again. To look costs about
            0.3 ms a round.
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
        schedule: Rate,
        metric: tuple[str, str] | None = None,
        *,
        on_length: Reaction = "warn",
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        self._step = 0  # the rounds begun
        why = "no booster reads it again between rounds"
        super().__init__(schedule, _ALIASES, _NAME, _DART, why)
        check_reaction(on_length, f"{_NAME}: `on_length`")
        check_policy(on_mismatch)
        self.metric = metric
        self.on_length: Reaction = on_length
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch: Policy = on_mismatch
        self._begin()

    def _begin(self) -> None:
        self._set: dict[str, float] = {}  # what was set last
        self._step = 0
        self._conflicts = Conflicts(self.on_conflict, _NAME)

    def before_training(self, model: Any) -> Any:
        """Go on from what the model has followed so far."""
        self._begin()
        call, done = call_of(_TRAIN), model.num_boosted_rounds()
        rounds = done + call.get("num_boost_round", 0)  # of a training of another kind: none
        if rounds == done and needs_length(self.schedule):
            raise ScheduleError(
                f"{_NAME}: the number of rounds is not known outside of xgboost.train and "
                "xgboost.cv; give lengths in rounds, and not in percent or by a function"
            )
        self._make(rounds)
        saved = model.attr(KEY)
        if saved is not None:
            state = load_state(saved, done, f"{_NAME}: the model's attribute {KEY!r}")
            self._schedules.load_state_dict(state, self.on_mismatch)
        booster = _config(model)["gradient_booster"]["name"]
        why = f"booster {booster!r} does not read it again between rounds"
        self._schedules.check_names(READ[booster], why)
        if rounds > done:
            compare_rounds(self._schedules, rounds, _NAME, self.on_length)
        for callback in call.get("callbacks", ()):
            if isinstance(callback, xgboost.callback.EarlyStopping) and self._monitors_same(
                callback
            ):
                named, patience = self._schedules.followed, callback.rounds
                compare_patience(named, patience, _NAME, self.on_conflict, unit="rounds")
        self._keep(model)
        return model

    def _monitors_same(self, stopper: Any) -> bool:
        """Return whether early stopping may monitor what the plateaus do."""
        names = zip(self.metric or (None, None), (stopper.data, stopper.metric_name), strict=True)
        return all(None in pair or pair[0] == pair[1] for pair in names)

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
