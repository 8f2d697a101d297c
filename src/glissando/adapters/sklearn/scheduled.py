"""scikit-learn's estimators with `partial_fit` follow a schedule, one step a call."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from glissando.adapters.shared.conflicts import Conflicts, Reaction, check_reaction, react
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.param_schedules import ParamSchedules, Schedules, bare
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import spent
from glissando.errors import ScheduleError, shown

with framework_of("sklearn"):
    from sklearn.base import BaseEstimator, MetaEstimatorMixin
    from sklearn.linear_model import (
        PassiveAggressiveClassifier,
        PassiveAggressiveRegressor,
        Perceptron,
        SGDClassifier,
        SGDOneClassSVM,
        SGDRegressor,
    )
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.utils import get_tags

_SMALLEST = 5e-324
"""Stands for a rate of 0, which scikit-learn refuses: no weight is small enough to see it."""


def _plain(estimator: Any, name: str, value: float) -> None:
    setattr(estimator, name, value)


def _passive(estimator: Any, name: str, value: float) -> None:
    estimator.C = estimator.eta0 = value  # its updates read the second


def _network(estimator: Any, name: str, value: float) -> None:
    estimator.learning_rate_init = value
    optimizer = getattr(estimator, "_optimizer", None)  # after the first call
    if optimizer is not None:
        optimizer.learning_rate_init = value  # what Adam reads
        if estimator.solver == "sgd":
            optimizer.learning_rate = value


_Set = Callable[[Any, str, float], None]

_SGD: dict[str, _Set] = {"eta0": _plain, "alpha": _plain, "l1_ratio": _plain}
_MLP: dict[str, _Set] = {"learning_rate_init": _network, "alpha": _plain}

SET: dict[type, dict[str, _Set]] = {
    PassiveAggressiveClassifier: {"C": _passive},
    PassiveAggressiveRegressor: {"C": _passive},
    Perceptron: _SGD,
    SGDClassifier: _SGD,
    SGDRegressor: _SGD,
    SGDOneClassSVM: {"eta0": _plain, "nu": _plain},
    MLPClassifier: _MLP,
    MLPRegressor: _MLP,
}
"""By estimator: the parameters that each call of `partial_fit` reads, and how they are set.

The first is the learning rate.
"""

_PLAIN_RATES = {"eta0": ("constant", "pa1", "pa2"), "learning_rate_init": ("constant",)}
"""By the name of the rate: the values of `learning_rate` that leave it as it was set."""


class Scheduled(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """An estimator whose learning rate follows a schedule, one step each `partial_fit`.

    Call k of `partial_fit` uses `schedule(k)`, k counted from 0. scikit-learn reads the rate at the
    beginning of a call and keeps it to its end, whatever is done there: an `SGDClassifier` makes
    one update for each sample, an `MLPClassifier` one for each of its mini-batches. Give it one
    mini-batch a call.

    Everything else is the estimator's own: `predict`, `score`, `coef_` and all other attributes.
    Only `fit` raises, since nothing can change the rate there. To resume, pickle it whole (or
    `joblib.dump`): it goes on at the next step. With another `schedule`, by `set_params`, the next
    call raises a `ScheduleMismatch`, or follows `on_mismatch`. `sklearn.base.clone` gives a new one
    that begins at step 0.

    Args:
        estimator: an `SGDClassifier`, `SGDRegressor` or `SGDOneClassSVM` with
            `learning_rate="constant"` (or "pa1", "pa2"), `Perceptron`, an `MLPClassifier` or
            `MLPRegressor` with the solver "sgd" or "adam", or a passive-aggressive one. It stays as
            it is: a copy of it is trained, which goes on from what it has learned.
        schedule: the schedule of the learning rate (`eta0`, `learning_rate_init`, or `C`), or
            schedules by the names of parameters: also `alpha`, the L2 penalty; `l1_ratio`; `nu` of
            an `SGDOneClassSVM`. Also schedules on a plateau, which get their metric by `observe`.
        on_length: what to do at the first call past the end of the schedule of the learning rate,
            if that leaves a rate of 0 or a small one: `"warn"` once, `"raise"` a `ScheduleError`,
            or `"ignore"` it. How many calls there will be is not known before.
        on_conflict: what to do when something else set a scheduled parameter: `"warn"` once,
            `"raise"` a `ScheduleError`, or `"ignore"` it. It is then set again.
        on_mismatch: what to do when `schedule` was changed after training began: `"raise"`,
            `"keep"`, `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`.

    Attributes:
        estimator_: the trained estimator.
        step_: the calls done.

    Raises:
        ScheduleError: in `partial_fit`: an argument breaks its rule, or the estimator has a
            learning rate that it changes itself. In sklearn's way, building checks nothing.
        ScheduleMismatch: in `partial_fit`: the schedule is not the one that training began with.

    Example:
        >>> from sklearn.linear_model import SGDRegressor
        >>> import glissando as gl
        >>> sgd = SGDRegressor(learning_rate="constant", penalty=None, fit_intercept=False)
        >>> model = gl.sklearn.Scheduled(sgd, gl.Linear(0.5, 0.0, steps=4))
        >>> for _ in range(2):  # the weight moves half, then 0.375, of its way to 1
        ...     print(model.partial_fit([[1.0]], [1.0]).coef_)
        [0.5]
        [0.6875]
    """

    estimator_: Any
    step_: int
    _schedules: ParamSchedules
    _built: Any  # what they were built with
    _set: dict[str, float]  # what was set last
    _conflicts: Conflicts

    # also of what was pickled before there were these
    on_length: Reaction = "warn"
    _end_told = False

    def __init__(
        self,
        estimator: Any,
        schedule: Schedules,
        *,
        on_length: Reaction = "warn",
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        self.estimator = estimator
        self.schedule = schedule
        self.on_length = on_length
        self.on_conflict = on_conflict
        self.on_mismatch = on_mismatch

    def partial_fit(self, X: Any, y: Any = None, **options: Any) -> "Scheduled":  # noqa: N803
        """Set the values of this call's step, then let the estimator learn from one mini-batch.

        Args:
            X: the mini-batch, as the estimator takes it.
            y: its targets.
            options: what else the estimator's `partial_fit` takes: `classes`, `sample_weight`.
        """
        self._prepare()
        self._conflicts.compare(
            f"before step {self.step_}",
            self._set,
            partial(getattr, self.estimator_),
            "something else sets estimator_.{name}",
        )
        rate, setters = _parameters(self.estimator_)
        self._check_end(rate)
        values = self._schedules.rates(self.step_)
        if values.get(rate) == 0:
            values[rate] = _SMALLEST
        for name, value in values.items():
            setters[name](self.estimator_, name, value)
        self._set = values
        self.estimator_.partial_fit(X, y, **options)
        self.step_ += 1
        return self

    def fit(self, X: Any, y: Any = None, **options: Any) -> "Scheduled":  # noqa: N803
        """Refuse: scikit-learn reads the rate only once there.

        Raises:
            ScheduleError: always.
        """
        raise ScheduleError(
            "Scheduled: scikit-learn reads the rate once in `fit`, so that it cannot follow a "
            "schedule; call `partial_fit` with one mini-batch after the other"
        )

    def observe(self, metric: float) -> "Scheduled":
        """Give the plateaus one more metric, such as the loss of a validation set.

        Raises:
            ScheduleError: `metric` is no number, or no schedule is on a plateau.
        """
        self._prepare()
        self._schedules.observe(metric, self.step_)
        return self

    def finish(self, *, steps: int | None = None, at: int | None = None) -> "Scheduled":
        """End the open-ended part of the schedule, in the parameter `schedule` too.

        The whole is then `steps` long, or the part ends at call `at` of `partial_fit`: see
        `glissando.Schedule.finish`.

        Raises:
            ScheduleError: no schedule is open-ended, or it cannot end there. Nothing changed.
        """
        self._prepare()
        self._schedules.finish(self.step_, steps=steps, at=at)
        self.schedule = self._schedules.schedule
        self._built = copy.copy(self.schedule)
        return self

    def _check_end(self, rate: str) -> None:
        """Report once that the schedule is over and next to nothing is learned."""
        check_reaction(self.on_length, "Scheduled: `on_length`")
        followed = self._schedules.followed.get(rate)
        if followed is None or self._end_told or self.step_ <= bare(followed).steps:
            return
        if not spent(followed):
            return
        steps, left = bare(followed).steps, bare(followed).final()
        react(
            self.on_length,
            f"Scheduled: the schedule of `{rate}` has {steps} steps, but this is call "
            f"{self.step_ + 1} of `partial_fit`, and the rate stays at {left:.4g} from here on. "
            "Each call is a step: give the schedule as many as there are calls, by .stretch(calls) "
            "say; if it is meant, pass on_length='ignore'",
        )
        self._end_told = True

    def _prepare(self) -> None:
        """Begin, or see that the schedule is still the same."""
        begun = "_schedules" in vars(self)
        if not begun or self._conflicts.reaction != self.on_conflict:
            self._conflicts = Conflicts(self.on_conflict, "Scheduled")
        if begun and self.schedule == self._built:
            return
        check_policy(self.on_mismatch)
        rate, setters = _parameters(self.estimator)
        schedules = ParamSchedules(self.schedule, "Scheduled", rate)
        kind = type(self.estimator).__name__
        schedules.check_names(list(setters), f"{kind} does not read it in each `partial_fit`")
        if rate in schedules.names:
            _check_rate(self.estimator, rate)
        if begun:
            schedules.load_state_dict(self._schedules.state_dict(self.step_), self.on_mismatch)
        else:
            self.estimator_ = copy.deepcopy(self.estimator)
            self.step_ = 0
            self._set = {}
        self._schedules = schedules
        self._built = copy.copy(self.schedule)
        self._end_told = False

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:  # noqa: N803  # as in scikit-learn
        """Return the parameters, and the calls done once there are some."""
        text: str = super().__repr__(N_CHAR_MAX)
        return f"{text[:-1]}, step_={self.step_})" if "step_" in vars(self) else text

    def __getattr__(self, name: str) -> Any:
        """Return what the estimator has of that name."""
        if name.startswith("_") or name in ("estimator", "estimator_", "step_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(vars(self).get("estimator_", self.estimator), name)

    def __sklearn_is_fitted__(self) -> bool:
        return "estimator_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator)


def check_estimator(estimator: Any) -> None:
    """Raise about an estimator that cannot follow a schedule of its learning rate."""
    _check_rate(estimator, _parameters(estimator)[0])


def _parameters(estimator: Any) -> tuple[str, dict[str, _Set]]:
    """Return the name of an estimator's learning rate, and all that can be set."""
    for kind, setters in SET.items():
        if isinstance(estimator, kind):
            return next(iter(setters)), setters
    raise ScheduleError(
        f"Scheduled: `estimator` must be one of {', '.join(kind.__name__ for kind in SET)}, "
        f"got {shown(estimator)}"
    )


def _check_rate(estimator: Any, rate: str) -> None:
    """Refuse an estimator that makes something else of the rate."""
    kept = _PLAIN_RATES.get(rate, ())
    kind = getattr(estimator, "learning_rate", None)
    if isinstance(estimator, MLPClassifier | MLPRegressor):
        if estimator.solver == "lbfgs":
            raise ScheduleError("Scheduled: the solver 'lbfgs' has no learning rate")
        if estimator.solver == "adam":  # it does not read `learning_rate`
            return
    if kept and kind is not None and kind not in kept:
        raise ScheduleError(
            f"Scheduled: {type(estimator).__name__} with learning_rate={kind!r} makes something "
            f"else of `{rate}`; build it with learning_rate='constant'"
        )
