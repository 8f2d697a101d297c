"""The rates of the updates to come, in a variable of the optimizer: a compiled step reads them."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from glissando.adapters.keras.optimizers import plain

SIZE = 1024
"""How many rates there are at once."""


class RateTable(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule of Keras's that looks the rate of an update up.

    Another schedule is other numbers in the same variable: nothing is compiled for it, and nothing
    is done for each update on the host.

    Args:
        optimizer: the optimizer, whose own rate it takes the place of.
    """

    def __init__(self, optimizer: Any) -> None:
        self.size = SIZE
        self._optimizer = optimizer
        self._each = optimizer.gradient_accumulation_steps or 1
        self._rates = keras.Variable(
            np.zeros(self.size, np.float32), dtype="float32", trainable=False, name="rates"
        )
        if isinstance(optimizer._learning_rate, keras.Variable):
            optimizer._untrack_variable(optimizer._learning_rate)
        optimizer._learning_rate = self
        optimizer._track_variable(self._rates)  # so that JAX gives it to the compiled step

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step, which Keras counts in batches."""
        update = keras.ops.floor_divide(step, self._each)
        return keras.ops.take(self._rates, keras.ops.mod(update, self.size))

    def fill(self, rate: Callable[[int], float], begin: int, end: int) -> None:
        """Put in the rates from the optimizer's next update on.

        Args:
            rate: the rate of each update.
            begin: the number that the next update has for it.
            end: how many updates there are for it.
        """
        following = int(plain(self._optimizer._iterations)) // self._each
        rates = np.zeros(self.size, np.float32)
        for k in range(min(self.size, end - begin)):
            rates[(following + k) % self.size] = rate(begin + k)
        self._rates.assign(rates)

    def get_config(self) -> dict[str, Any]:
        """Return nothing: it is not saved."""
        return {}
