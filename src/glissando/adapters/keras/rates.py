"""The learning rates of a model's optimizers while rates are tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from glissando.adapters.keras.optimizers import plain


class Rates:
    """The learning rates of some optimizers, in proportion to the largest.

    Args:
        optimizers: the optimizers, each with a rate of its own.
    """

    def __init__(self, optimizers: list[Any]) -> None:
        self._optimizers = optimizers
        self._variables: list[Any] = [_variable(one) for one in self._optimizers]
        self._proportions = _proportions(optimizers)

    @contextmanager
    def at(self, rate: float) -> Iterator[None]:
        """Within this, the optimizers hold a rate, also those that have a schedule of their own."""
        with self._in_place():
            for variable, proportion in zip(self._variables, self._proportions, strict=True):
                variable.assign(rate * proportion)
            yield

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        # setting attributes would have Keras list the variables
        own = [vars(optimizer) for optimizer in self._optimizers]
        schedules = [attributes["_learning_rate"] for attributes in own]
        new = [
            (optimizer, variable)
            for optimizer, variable, schedule in zip(
                self._optimizers, self._variables, schedules, strict=True
            )
            if variable is not schedule
        ]
        # JAX takes into a step what the optimizer lists, and the others what the step reads
        listed = new if keras.backend.backend() == "jax" else []
        try:
            for attributes, variable in zip(own, self._variables, strict=True):
                attributes["_learning_rate"] = variable
            for optimizer, variable in listed:
                optimizer._track_variable(variable)
            yield
        finally:
            for optimizer, variable in listed:
                optimizer._untrack_variable(variable)
            for attributes, schedule in zip(own, schedules, strict=True):
                attributes["_learning_rate"] = schedule


def _variable(optimizer: Any) -> Any:
    """Return the variable that an optimizer's rate is, or one that can stand in its place."""
    rate = optimizer._learning_rate
    if isinstance(rate, keras.Variable):
        return rate
    return keras.Variable(
        0.0, trainable=False, name="learning_rate", aggregation="only_first_replica"
    )


def _proportions(optimizers: list[Any]) -> list[float]:
    """Return the rates relative to the largest: those of now, or after a warm-up's first update."""
    rates = [0.0]
    for later in (0, 1):
        rates = [_rate(optimizer, later) for optimizer in optimizers]
        if max(rates) > 0:
            return [rate / max(rates) for rate in rates]
    return [1.0] * len(rates)


def _rate(optimizer: Any, later: int) -> float:
    rate = optimizer._learning_rate
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return float(plain(rate(optimizer._iterations + later)))
    return float(plain(optimizer.learning_rate))
