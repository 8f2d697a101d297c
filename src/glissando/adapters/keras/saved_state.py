"""The states of callbacks are saved with the optimizer, in whatever Keras saves it in."""

import json
from typing import Any

import keras
import numpy as np

from glissando.errors import ScheduleError, shown

_ATTRIBUTE = "glissando"  # part of the name in saved files

_STATES = "states"

_BEST = "best"


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
        self._restored: dict[str, Any] = {}
        self._damaged = ""

    def join(self, callback: Any) -> Any:
        """Let a callback be saved; return the one so far that set any of the same, if any."""
        last = _pop(self._callbacks, callback.names)
        self._callbacks[" ".join(callback.names)] = callback
        return last

    def take(self, names: list[str], on_mismatch: str) -> dict[str, Any] | None:
        """Return, once, the state that was loaded of a callback that set any of the same.

        Raises:
            ScheduleError: it is damaged, and is not to be replaced.
        """
        damaged, self._damaged = self._damaged, ""
        state = _pop(self._restored, names)
        if state is not None and not damaged:
            damaged = _damage(state)
        if damaged and on_mismatch != "replace":
            raise ScheduleError(
                "LearningRateScheduler: what was saved of it with the optimizer is damaged: "
                f"{damaged}. on_mismatch='replace' goes on without it, at the step that the "
                "optimizer has counted"
            )
        return None if damaged else state

    def save_own_variables(self, store: Any) -> None:
        """Put the states into what is saved, as JSON, and the best weights as they are."""
        states = {names: callback.saved() for names, callback in self._callbacks.items()}
        saved = {names: state for names, state in states.items() if state is not None}
        store[_STATES] = np.frombuffer(json.dumps(saved).encode(), np.uint8)
        for callback in self._callbacks.values():
            for name, weights in callback.best_weights().items():
                for i, weight in enumerate(weights):
                    store[f"{_BEST} {i} {name}"] = weight

    def load_own_variables(self, store: Any) -> None:
        """Keep what was saved, until training goes on."""
        self._restored, self._damaged = {}, ""
        keys = list(store.keys())
        if _STATES not in keys:
            return
        best: dict[str, dict[int, Any]] = {}
        try:  # whoever loads weights need not go on with the callback
            restored = json.loads(np.asarray(store[_STATES]).tobytes())
            for key in keys:
                kind, _, place = key.partition(" ")
                if kind == _BEST:
                    i, _, name = place.partition(" ")
                    best.setdefault(name, {})[int(i)] = np.asarray(store[key])
        except (ValueError, RecursionError) as error:
            self._damaged = str(error)
            return
        if not isinstance(restored, dict):
            self._damaged = f"no states by name, but {shown(restored)}"
            return
        for names, state in restored.items():
            if isinstance(state, dict):
                own = {name: best[name] for name in names.split() if name in best}
                state["best"] = {n: [ws[i] for i in sorted(ws)] for n, ws in own.items()}
        self._restored = restored


def saved_state_of(optimizer: Any) -> SavedState:
    """Return what is saved with the optimizer; it is there from the first call on."""
    state: SavedState | None = getattr(optimizer, _ATTRIBUTE, None)
    if state is None:
        state = SavedState()
        setattr(optimizer, _ATTRIBUTE, state)
    return state


def _damage(state: Any) -> str:
    """Return what is wrong with a state, apart from what every adapter's states have."""
    if not isinstance(state, dict):
        return f"a state is {shown(state)}"
    if state.get("unit") not in ("epoch", "step"):
        return f"`unit` is {shown(state.get('unit'))}"
    if type(state.get("offset")) is not int:
        return f"`offset` is {shown(state.get('offset'))}"
    if type(state.get("step")) is not int:
        return f"`step` is {shown(state.get('step'))}"
    return ""


def _pop(by_names: dict[str, Any], names: list[str]) -> Any:
    """Take out what shares any of the names; there is one, since each name has one owner."""
    found = None
    for key in list(by_names):
        if set(key.split()) & set(names):
            found = by_names.pop(key)
    return found
