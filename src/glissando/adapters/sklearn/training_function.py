"""A study's training function, made of an estimator of scikit-learn."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.utils import _safe_indexing, check_consistent_length

from glissando.adapters.shared.train_function import (
    WHERE,
    Order,
    Report,
    Run,
    TrainFunction,
    checkpoint,
    must_be_function,
    result_of,
    trained,
)
from glissando.adapters.sklearn.scheduled import Scheduled, check_estimator
from glissando.errors import ScheduleError
from glissando.finder import random_state
from glissando.plateau import OnPlateau
from glissando.rules import STEPS

_FILE = "sklearn.pickle"

_LOSS = "lambda model, X, y: log_loss(y, model.predict_proba(X))"


def train_function(
    estimator: Any,
    X: Any,  # noqa: N803  # as in scikit-learn
    y: Any,
    X_val: Any,  # noqa: N803
    y_val: Any,
    *,
    batch: int = 32,
    loss: Callable[[Any, Any, Any], Any] | None = None,
    every: int | None = None,
) -> TrainFunction:
    """Make a study's training function of an estimator of scikit-learn.

    It follows the schedule by a `gl.sklearn.Scheduled`: call k of `partial_fit`, with one
    mini-batch, uses `schedule(k)`. The order of the data is drawn for each epoch from the seed
    alone. It goes on from a checkpoint, a pickle, bit for bit.

    Args:
        estimator: what `gl.sklearn.Scheduled` takes, such as
            `SGDClassifier(learning_rate="constant", eta0=0.1)` or an `MLPClassifier`. A clone is
            trained, with the seed as its `random_state`. Its rate is of no account.
        X: the samples.
        y: the targets.
        X_val: the samples to validate with.
        y_val: their targets.
        batch: how many samples a call of `partial_fit` gets. What is left of an epoch and fills no
            batch is left out.
        loss: a function of the trained estimator, samples and targets that returns what the
            schedules are compared by; by default 1 minus the estimator's own score.
        every: after how many calls to validate; by default a twentieth of the run. A plateau
            observes these results.

    Returns:
        The function `train(schedule, seed, resume, report)`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import SGDClassifier
        >>> import glissando as gl
        >>> X = np.random.default_rng(0).normal(size=(400, 5))
        >>> y = X[:, 0] > X[:, 1]
        >>> sgd = SGDClassifier(learning_rate="constant", eta0=0.1)
        >>> train = gl.sklearn.train_function(sgd, X[:300], y[:300], X[300:], y[300:])
        >>> train(gl.Linear(0.1, 0.0, steps=50), seed=1) < 0.1
        True
    """
    check_estimator(estimator)
    if loss is not None:
        must_be_function(loss, "loss", _LOSS)
    _check_rows(X, y, "X", "y")
    _check_rows(X_val, y_val, "X_val", "y_val")
    batch = int(STEPS.check(batch, f"{WHERE}: `batch`"))
    return _Function(estimator, (X, y), (X_val, y_val), batch, loss, every)


class _Function(TrainFunction):
    """What `train_function` returns."""

    framework = "sklearn"

    def __init__(
        self,
        estimator: Any,
        data: tuple[Any, Any],
        validation: tuple[Any, Any],
        batch: int,
        loss: Callable[[Any, Any, Any], Any] | None,
        every: int | None,
    ) -> None:
        shown = " ".join(repr(estimator).split())
        super().__init__(type(estimator).__name__, every, estimator=shown, batch=batch)
        self.estimator = estimator
        self.data = data
        self.validation = validation
        self.batch = batch
        self.loss = loss

    def _train(self, run: Run, resume: Path | None, report: Report) -> float:
        return trained(_Training(self, run), run, resume, report)


class _Training:
    """An estimator in training.

    Args:
        function: what it is made by.
        run: what it is asked for.
    """

    def __init__(self, function: _Function, run: Run) -> None:
        self.function = function
        self.schedule = run.schedule
        y = function.data[1]
        self.order = Order(len(y), function.batch, run.seed)
        estimator = clone(function.estimator)
        own = estimator.get_params()
        drawn = {"random_state": run.seed, "batch_size": self.order.size}
        estimator.set_params(**{name: value for name, value in drawn.items() if name in own})
        self.model = Scheduled(estimator, run.schedule, on_mismatch="replace")
        self.options = {"classes": np.unique(y)} if is_classifier(estimator) else {}

    def update(self, step: int) -> None:
        """Make an update."""
        rows = self.order.batch(step)
        x, y = (_safe_indexing(part, rows) for part in self.function.data)
        self.model.partial_fit(x, y, **(self.options if self.model_is_new else {}))

    @property
    def model_is_new(self) -> bool:
        """Whether the estimator has yet to learn which classes there are."""
        return not hasattr(self.model, "estimator_")

    def observe(self, step: int) -> float:
        """Validate the estimator."""
        x, y = self.function.validation
        with random_state.kept():
            if self.function.loss is None:
                result = 1.0 - float(self.model.estimator_.score(x, y))
            else:
                result = result_of(self.function.loss(self.model.estimator_, x, y), "loss")
        if isinstance(self.schedule, OnPlateau):
            self.model.observe(result)
        return result

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        (folder / _FILE).write_bytes(pickle.dumps((self.model, random_state.state())))

    def load(self, folder: Path) -> int:
        """Go on from a checkpoint."""
        self.model, states = pickle.loads(checkpoint(folder, _FILE).read_bytes())
        self.model.set_params(schedule=self.schedule)  # another one with the same beginning
        random_state.put(states)
        return int(self.model.step_)


def _check_rows(samples: Any, targets: Any, *names: str) -> None:
    """Raise where samples and targets are not as many."""
    try:
        check_consistent_length(samples, targets)
    except (TypeError, ValueError) as error:
        raise ScheduleError(
            f"{WHERE}: `{names[0]}` and `{names[1]}` must have the same number of samples: {error}"
        ) from None
