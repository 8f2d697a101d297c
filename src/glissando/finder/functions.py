"""A function of your own as a training: `step(rate) -> loss`."""

from collections.abc import Callable
from typing import Any

from glissando.finder import random_state
from glissando.finder.training import Training


class Functions(Training):
    """A training that is made of functions.

    Args:
        step: makes one update at a rate, and returns the loss.
        save: returns all that an update can change.
        restore: puts back what `save` returned.
        reseed: draws the order of the data and the like from a seed; by default Python's and
            NumPy's global generators begin anew from it.
    """

    def __init__(
        self,
        step: Callable[[float], Any],
        save: Callable[[], Any],
        restore: Callable[[Any], Any],
        reseed: Callable[[int], Any] = random_state.seed,
    ) -> None:
        self._step = step
        self._save = save
        self._restore = restore
        self._reseed = reseed

    def step(self, rate: float) -> float:
        """Make one update."""
        return float(self._step(rate))

    def save(self) -> Any:
        """Return what the user's `save` returns."""
        return self._save()

    def restore(self, state: Any) -> None:
        """Put it back."""
        self._restore(state)

    def reseed(self, seed: int) -> None:
        """Draw from another seed."""
        self._reseed(seed)
