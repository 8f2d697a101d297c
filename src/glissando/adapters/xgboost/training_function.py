"""A study's training function, made of XGBoost's parameters and data."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from glissando.adapters.shared.train_function import (
    WHERE,
    Report,
    Run,
    TrainFunction,
    checkpoint,
    trained,
)
from glissando.adapters.xgboost.callback import LearningRateScheduler
from glissando.errors import ScheduleError, one_of, shown

_FILE = "xgboost.ubj"

_VALID = "valid"

_DRAWN = {
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "colsample_bylevel": 1.0,
    "colsample_bynode": 1.0,
    "rate_drop": 0.0,
}
"""By what is drawn by the seed: the value with which nothing is."""

_RATES = ("learning_rate", "eta")

_OTHER = {"approx": "hist"}
"""What takes the place of a tree method for a moment."""


def train_function(
    params: Mapping[str, Any],
    train: Any,
    valid: Any,
    *,
    metric: str | None = None,
    every: int | None = None,
) -> TrainFunction:
    """Make a study's training function of XGBoost's parameters and data.

    A step is a round: round k uses `schedule(k)`, as by a `gl.xgboost.LearningRateScheduler`. What
    a round draws depends on the seed and its number alone, so that two schedules are tried on the
    same samples, and that it goes on from a checkpoint, the booster, bit for bit.

    Args:
        params: what `xgboost.train` takes. `seed` is the study's, and the rate the schedule's.
            Where nothing is drawn, all seeds give the same: `subsample=0.8` draws, say.
        train: what is trained on, `(X, y)` or `(X, y, weights)`; or a function that returns a
            `DMatrix`, which itself cannot be sent to other processes.
        valid: what is validated with, in the same form.
        metric: the metric that the schedules are compared by; by default the last one, as in early
            stopping.
        every: after how many rounds to validate; by default a twentieth of the run. A plateau
            observes these results.

    Returns:
        The function `train(schedule, seed, resume, report)`.

    Raises:
        ScheduleError: an argument breaks its rule. Later, in the training: there is no such metric.

    Example:
        >>> import numpy as np
        >>> import glissando as gl
        >>> X = np.random.default_rng(0).normal(size=(400, 5))
        >>> y = X[:, 0] * X[:, 1]
        >>> params = {"objective": "reg:squarederror", "subsample": 0.8, "nthread": 1}
        >>> train = gl.xgboost.train_function(params, (X[:300], y[:300]), (X[300:], y[300:]))
        >>> train(gl.Constant(0.3, steps=20)) < train(gl.Constant(0.3, steps=5))
        True
    """
    if not isinstance(params, Mapping):
        raise ScheduleError(
            f"{WHERE}: `params` must be a mapping, such as {{'max_depth': 6}}, got {shown(params)}"
        )
    _check_data(train, "train")
    _check_data(valid, "valid")
    if all(float(params.get(name, none)) == none for name, none in _DRAWN.items()):
        warnings.warn(
            f"{WHERE}: nothing in `params` is drawn, so that every seed gives the same result: add "
            "subsample=0.8, say",
            stacklevel=2,
        )
    return _Function(dict(params), train, valid, metric, every)


class _Function(TrainFunction):
    """What `train_function` returns."""

    framework = "xgboost"

    def __init__(
        self,
        params: dict[str, Any],
        train: Any,
        valid: Any,
        metric: str | None,
        every: int | None,
    ) -> None:
        own = {} if metric is None else {"metric": metric}
        super().__init__(str(params.get("objective", "xgboost")), every, params=params, **own)
        self.params = {name: value for name, value in params.items() if name not in _RATES}
        self.train = train
        self.valid = valid
        self.metric = metric
        self._data: tuple[Any, Any] | None = None

    def data(self) -> tuple[Any, Any]:
        """Return what is trained on and validated with, made once in a process."""
        if self._data is None:
            self._data = _matrix(self.train, "train"), _matrix(self.valid, "valid")
        return self._data

    def _train(self, run: Run, resume: Path | None, report: Report) -> float:
        return trained(_Training(self, run), run, resume, report)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_data": None}


class _Training:
    """A booster in training.

    Args:
        function: what it is made by.
        run: what it is asked for.
    """

    def __init__(self, function: _Function, run: Run) -> None:
        self.function = function
        self.data, self.valid = function.data()
        self.params = function.params | {"seed": run.seed, "seed_per_iteration": True}
        self.follower = LearningRateScheduler(
            run.schedule, on_length="ignore", on_conflict="ignore", on_mismatch="replace"
        )
        self._begin(None)

    def _begin(self, model: str | None) -> None:
        self.booster = xgboost.Booster(self.params, [self.data, self.valid], model_file=model)
        self.follower.before_training(self.booster)

    def update(self, step: int) -> None:
        """Make a round."""
        self._draw_anew()
        self.follower.before_iteration(self.booster, step, {})
        self.booster.update(self.data, iteration=step)

    def _draw_anew(self) -> None:
        """Let the round draw by a seed of its own.

        XGBoost seeds each round by its number, but what grows the trees draws from a generator that
        it seeded at its first round. It is made anew where the tree method changes.
        """
        method = self.params.get("tree_method", "hist")
        self.booster.set_param("tree_method", _OTHER.get(method, "approx"))
        self.booster.save_config()  # which lets the change take effect
        self.booster.set_param("tree_method", method)

    def observe(self, step: int) -> float:
        """Validate the booster."""
        text = self.booster.eval_set([(self.valid, _VALID)], step)
        found = dict(part.rpartition(":")[::2] for part in str(text).split("\t")[1:])
        results = {name.removeprefix(f"{_VALID}-"): float(value) for name, value in found.items()}
        name = self.function.metric or list(results)[-1]
        one_of(name, list(results), f"{WHERE}: `metric`")
        self.follower.after_iteration(self.booster, step, {_VALID: {name: [results[name]]}})
        return results[name]

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        self.follower.after_training(self.booster)
        self.booster.save_model(folder / _FILE)

    def load(self, folder: Path) -> int:
        """Go on from a checkpoint."""
        self._begin(str(checkpoint(folder, _FILE)))
        return int(self.booster.num_boosted_rounds())


def _check_data(data: Any, argument: str) -> None:
    """Raise about what is no data, or cannot be sent to other processes."""
    if callable(data) or (isinstance(data, tuple) and len(data) in (2, 3)):
        return
    raise ScheduleError(
        f"{WHERE}: `{argument}` must be (X, y), (X, y, weights), or a function that returns a "
        f"DMatrix, as `lambda: xgboost.DMatrix(path)`, got {shown(data)}"
    )


def _matrix(data: Any, argument: str) -> Any:
    """Return the DMatrix that is meant."""
    made = (
        xgboost.DMatrix(*data[:2], weight=(*data, None)[2]) if isinstance(data, tuple) else data()
    )
    if not isinstance(made, xgboost.DMatrix):
        raise ScheduleError(
            f"{WHERE}: the function `{argument}` must return a DMatrix, got {shown(made)}"
        )
    return made
