"""LightGBM follows a schedule: a callback that acts before each round."""

import copy
import weakref
from collections.abc import Mapping
from typing import Any

from glissando.adapters.shared.boosters import (
    FollowsRounds,
    call_of,
    codes,
    compare_rounds,
    last_metric,
)
from glissando.adapters.shared.conflicts import Conflicts, Reaction, check_reaction
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import Rate, needs_length
from glissando.errors import ScheduleError

with framework_of("lightgbm"):
    import lightgbm
    from lightgbm import CVBooster
    from lightgbm.callback import CallbackEnv

_NAME = "learning_rate"

_ALIASES = {
    alias: name
    for name, aliases in {
        "learning_rate": "eta shrinkage_rate",
        "lambda_l1": "reg_alpha l1_regularization",
        "lambda_l2": "reg_lambda lambda l2_regularization",
        "bagging_fraction": "subsample sub_row bagging",
        "feature_fraction": "colsample_bytree sub_feature",
        "feature_fraction_bynode": "colsample_bynode sub_feature_bynode",
        "min_gain_to_split": "min_split_gain",
        "min_sum_hessian_in_leaf": (
            "min_child_weight min_sum_hessian_per_leaf min_sum_hessian min_hessian"
        ),
        "max_delta_step": "max_tree_output max_leaf_output",
    }.items()
    for alias in aliases.split()
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

_TRAIN = codes(lightgbm.train, lightgbm.cv)

_SMALLEST = 1e-300
"""Stands for a learning rate of 0, which LightGBM refuses; it writes 0 into the leaves."""


def learning_rate(
    schedule: Rate,
    metric: tuple[str, str] | None = None,
    *,
    on_length: Reaction = "warn",
    on_conflict: Reaction = "warn",
    on_mismatch: Policy = "raise",
) -> "Follower":
    """Return a callback that sets the learning rate, and other parameters, before each round.

    Round k uses `schedule(k)`, k being the rounds in the booster, those of an `init_model` too. It
    goes into the `callbacks` of `lightgbm.train`, `lightgbm.cv` and the scikit-learn estimators.
    A round in which no tree could be grown does not count, as it does not for LightGBM.

    To go on from a saved model, the model is enough: pass it as `init_model`. LightGBM's models
    have no place for anything else, so that a changed schedule is found out only where the
    callback's own `state_dict()` was saved with the model; with a plateau it has to be, for the
    rate to stay as low as it was.

    Args:
        schedule: the schedule of the learning rate, or schedules by name: `learning_rate`,
            `lambda_l1`, `lambda_l2`, `bagging_fraction`, `feature_fraction`,
            `feature_fraction_bynode`, `min_gain_to_split`, `min_sum_hessian_in_leaf`,
            `max_delta_step`, `path_smooth` and `linear_lambda`. LightGBM's other names of these do
            as well. Also schedules on a plateau. Where lengths shall be those of the training, a
            text such as `"linear(0.01, 0.3, steps=10%) >> cosine(0.3, 0.01, steps=rest)"` in place
            of each, or a function of the number of rounds, those of `init_model` too.
        metric: what a plateau monitors, such as `("valid_0", "l2")`; by default the last metric
            of the last data in `valid_sets`. In `cv` it is the mean. The training data itself and
            metrics of your own cannot be monitored.
        on_length: what to do when training begins and the schedule of the learning rate does not
            fit its rounds: `"warn"`, `"raise"` a `ScheduleError`, or `"ignore"` it. It does not if
            a small rate is left for the last rounds, or they are still in the warm-up, or are less
            than a tenth of it. Counted are the rounds that were planned, and those of `init_model`.
        on_conflict: what to do when something else set a scheduled parameter, or early stopping
            would end training before a plateau lowers the rate: `"warn"` once a training, `"raise"`
            a `ScheduleError`, or `"ignore"` it. What was set is then set again.
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
    return Follower(
        schedule,
        metric,
        on_length=on_length,
        on_conflict=on_conflict,
        on_mismatch=on_mismatch,
    )


class Follower(FollowsRounds, Resumable):
    """The callback that `learning_rate` returns; see there."""

    before_iteration = True
    order = 10

    def __init__(
        self,
        schedule: Rate,
        metric: tuple[str, str] | None,
        *,
        on_length: Reaction,
        on_conflict: Reaction,
        on_mismatch: Policy,
    ) -> None:
        self._step = 0  # the rounds done, if the one that was begun last came to its end
        self._model: Any = None  # a weak reference
        why = "LightGBM does not read it again between rounds"
        super().__init__(schedule, _ALIASES, _NAME, READ, why)
        check_reaction(on_length, f"{_NAME}: `on_length`")
        check_policy(on_mismatch)
        self.metric = metric
        self.on_length: Reaction = on_length
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch = on_mismatch
        self._loaded: tuple[Any, Policy] | None = None  # a state, where no schedule is made yet
        self._begin()

    def _begin(self) -> None:
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
            rounds = step + env.end_iteration - env.begin_iteration
            self._go_on_or_begin(step, rounds)
            self._check(env.params, boosters)
            compare_rounds(self._schedules, rounds, _NAME, self.on_length)
            self._check_patience()
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

    def _go_on_or_begin(self, step: int, rounds: int) -> None:
        """Follow what was given: anew with a new model, and else from what was followed."""
        state, policy = self._loaded or (None, self.on_mismatch)
        if needs_length(self.schedule) and self._made is not None and state is None:
            state = self._made.state_dict(step)  # of the last training, which had another length
        if step == 0 or needs_length(self.schedule):
            self._make(rounds)
            self._loaded = None
            if step and state is not None:
                self._schedules.load_state_dict(state, policy)

    def _check_patience(self) -> None:
        for callback in call_of(_TRAIN).get("callbacks_after_iter", ()):
            patience = getattr(callback, "stopping_rounds", None)
            if patience and getattr(callback, "enabled", True):
                compare_patience(
                    self._schedules.followed,
                    patience,
                    _NAME,
                    self.on_conflict,
                    stopper="early_stopping",
                    unit="rounds",
                )

    def state_dict(self) -> dict[str, Any]:
        """Return what to resume from; see `Resumable`."""
        return super().state_dict() if self._loaded is None else dict(self._loaded[0])

    def load_state_dict(self, state: Mapping[str, Any], on_mismatch: Policy | None = None) -> None:
        """Go on from a saved state; where lengths are in percent, when training begins."""
        if not needs_length(self.schedule):
            super().load_state_dict(state, on_mismatch)
            return
        policy = self.on_mismatch if on_mismatch is None else on_mismatch
        check_policy(policy)
        self._loaded = copy.deepcopy(state), policy  # read when training begins

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
