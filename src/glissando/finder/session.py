"""A training under test: its state at the beginning, put back before each run and at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glissando.errors import ScheduleError
from glissando.finder import random_state
from glissando.finder.interruption import Interruption, deferred
from glissando.finder.training import Training


class Session:
    """A training whose runs all begin with the same state."""

    def __init__(
        self, training: Training, validation: bool, interruption: Interruption, bar: Any
    ) -> None:
        self._training = training
        self._state = training.save()
        self._validation = validation
        self._interruption = interruption
        self._bar = bar

    def begin(self, seed: int) -> None:
        """Begin a run: the state of the beginning, and a seed."""
        self._interruption.check()
        self.put_back()
        self._training.reseed(seed)

    def step(self, rate: float) -> float:
        """Make one update; return the loss of the training before it."""
        self._interruption.check()
        loss = float(self._training.step(rate))
        self._bar.update()
        return loss

    def measured(self, rate: float) -> float:
        """Make one update; return the loss that is looked at."""
        loss = self.step(rate)
        return self.validated(loss)

    def validated(self, loss: float) -> float:
        """Return the validation loss if that is what is looked at, else the loss that is given."""
        if not self._validation:
            return loss
        found = self._training.validate()
        if found is None:
            raise ScheduleError(
                "find_rate: `loss` must be 'training' where the training has no data for "
                "validation, got 'validation'"
            )
        return float(found)

    def put_back(self) -> None:
        """Put back the state of the beginning."""
        waited, self._interruption.must_wait = self._interruption.must_wait, True
        try:
            self._training.restore(self._state)
        finally:
            self._interruption.must_wait = waited


@contextmanager
def session(training: Training, validation: bool) -> Iterator[Session]:
    """Within this, the training may be tried; at its end all is as it was, whatever happened."""
    from tqdm import tqdm

    with (
        deferred() as interruption,
        random_state.kept(),
        tqdm(desc="find_rate", unit=" updates", disable=None, leave=False) as bar,
    ):
        found = Session(training, validation, interruption, bar)
        try:
            yield found
        finally:
            interruption.must_wait = True
            found.put_back()
