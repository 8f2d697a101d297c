"""The states of callbacks are saved with the optimizer, in whatever Keras saves it in."""

import json
from typing import Any

import keras
import numpy as np

_ATTRIBUTE = "glissando"  # part of the name in saved files


class SavedState(keras.layers.Layer):  # type: ignore[misc]  # keras has no types
    """An attribute of the optimizer, which Keras therefore saves and loads with it.

    A file that has no such part, or a model without it, loads as ever: Keras goes by what there is
    in the model, and an empty part of a file is no error here. It is a layer because Keras gives
    layers, among what is public, these two methods to save something of one's own.
    """

    def __init__(self) -> None:
        super().__init__(name=_ATTRIBUTE)
        # by what they set, several names separated by spaces
        self._callbacks: dict[str, Any] = {}
        self._restored: dict[str, dict[str, Any]] = {}

    def join(self, callback: Any) -> Any:
        """Let a callback be saved; return the one so far that set any of the same, if any."""
        last = _pop(self._callbacks, callback.names)
        self._callbacks[" ".join(callback.names)] = callback
        return last

    def take(self, names: list[str]) -> dict[str, Any] | None:
        """Return, once, the state that was loaded of a callback that set any of the same."""
        state: dict[str, Any] | None = _pop(self._restored, names)
        return state

    def save_own_variables(self, store: Any) -> None:
        """Put the states into what is saved, as JSON."""
        states = {names: callback.saved() for names, callback in self._callbacks.items()}
        saved = {names: state for names, state in states.items() if state is not None}
        store["states"] = np.frombuffer(json.dumps(saved).encode(), np.uint8)

    def load_own_variables(self, store: Any) -> None:
        """Keep what was saved, until training goes on."""
        if "states" in store.keys():  # noqa: SIM118  # it is no dictionary
            self._restored = json.loads(np.asarray(store["states"]).tobytes())


def saved_state_of(optimizer: Any) -> SavedState:
    """Return what is saved with the optimizer; it is there from the first call on."""
    state: SavedState | None = getattr(optimizer, _ATTRIBUTE, None)
    if state is None:
        state = SavedState()
        setattr(optimizer, _ATTRIBUTE, state)
    return state


def _pop(by_names: dict[str, Any], names: list[str]) -> Any:
    """Take out what shares any of the names; there is one, since each name has one owner."""
    found = None
    for key in list(by_names):
        if set(key.split()) & set(names):
            found = by_names.pop(key)
    return found
