"""What a range test needs of a training: updates at any rate, and its state, to be put back."""

from abc import ABC, abstractmethod
from typing import Any


class Training(ABC):
    """A training that can be tried, and put back as it was.

    The frameworks' own are `gl.torch.Training`, `gl.keras.Training` and `gl.optax.Training`.
    """

    @abstractmethod
    def step(self, rate: float) -> float:
        """Make one update at `rate`; return the loss that it started from.

        Groups and optimizers whose rates differ keep their proportions: `rate` is the largest.
        """

    @abstractmethod
    def save(self) -> Any:
        """Return all that an update can change: weights, optimizers, buffers, the data's order."""

    @abstractmethod
    def restore(self, state: Any) -> None:
        """Put back what `save` returned, bit for bit; it may be put back several times."""

    @abstractmethod
    def reseed(self, seed: int) -> None:
        """Draw the order of the data, dropout and the like from another seed, from here on."""

    def validate(self) -> float | None:
        """Return the validation loss, or None where there are no data for it."""
        return None
