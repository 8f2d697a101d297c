"""The weights of the best epoch, to which a model goes back when a plateau lowers a rate."""

import warnings
from collections.abc import Mapping
from typing import Any

from glissando.errors import ScheduleError
from glissando.plateau import PlateauState

States = Mapping[str, PlateauState]


class BestWeights:
    """A model's weights when the metric of each plateau was at its best, by what that one moves.

    The optimizer's own variables, such as momentum, are not among them.
    """

    def __init__(self) -> None:
        self.weights: dict[str, list[Any]] = {}

    def observed(self, model: Any, before: States, now: States) -> bool:
        """Take the weights of a best epoch, or go back to them; return whether they went back.

        Args:
            model: the model, at the end of an epoch.
            before: what the plateaus remembered before they observed its metric.
            now: what they remember now.
        """
        better = [n for n, state in now.items() if state.best not in (None, before[n].best)]
        if better:
            self.weights |= dict.fromkeys(better, model.get_weights())
        fallen = [n for n, state in now.items() if state.factor < before[n].factor]
        found = next((self.weights[n] for n in fallen if n in self.weights), None)
        if found is not None:
            model.set_weights(found)
        return found is not None

    def load(self, model: Any, saved: Mapping[str, list[Any]]) -> None:
        """Take the weights that were saved with a state.

        Raises:
            ScheduleError: they are not of this model.
        """
        shapes = [tuple(weight.shape) for weight in model.weights]
        for name, weights in saved.items():
            if [tuple(weight.shape) for weight in weights] != shapes:
                raise ScheduleError(
                    f"LearningRateScheduler: the best weights that were saved for `{name}` are not "
                    "of this model, or damaged; on_mismatch='replace' goes on without what was "
                    "saved"
                )
        self.weights = dict(saved)

    def check(self, states: States) -> None:
        """Warn of a best metric whose weights are not there."""
        for name, state in states.items():
            if state.best is not None and name not in self.weights:
                warnings.warn(
                    f"LearningRateScheduler: `{name}` goes on from a best metric of "
                    f"{state.best:.6g}, but the weights of that epoch were not saved with it: "
                    "until the metric is better, no weights come back when the rate falls. "
                    "keras.callbacks.BackupAndRestore keeps them",
                    stacklevel=2,
                )
