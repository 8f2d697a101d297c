"""What a callback remembers is saved with the optimizer, in whatever Keras saves it in."""

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

_ATTRIBUTE = "glissando"  # part of the name in saved files


class Memory(keras.layers.Layer):  # type: ignore[misc]  # keras has no types
    """An attribute of the optimizer, which Keras therefore saves and loads with it.

    A file that has no such part, or a model without it, loads as ever: Keras goes by what there is
    in the model, and an empty part of a file is no error here. It is a layer because Keras gives
    layers, among what is public, these two methods to save something of one's own.

    Attributes:
        owner: the callback that it speaks for.
        tell: what returns the state to save, or None where there is none.
        restored: the state that was loaded and nobody has gone on from yet.
    """

    def __init__(self) -> None:
        super().__init__(name=_ATTRIBUTE)
        self.owner: Any = None
        self.tell: Callable[[], dict[str, Any] | None] = lambda: None
        self.restored: dict[str, Any] | None = None

    def save_own_variables(self, store: Any) -> None:
        """Put the state into what is saved, as JSON."""
        state = self.tell()
        if state is not None:
            store["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)

    def load_own_variables(self, store: Any) -> None:
        """Keep what was saved, until training goes on."""
        if "state" in store.keys():  # noqa: SIM118  # it is no dictionary
            self.restored = json.loads(np.asarray(store["state"]).tobytes())


def memory_of(optimizer: Any) -> Memory:
    """Return the optimizer's memory; it gets one if it has none."""
    memory: Memory | None = getattr(optimizer, _ATTRIBUTE, None)
    if memory is None:
        memory = Memory()
        setattr(optimizer, _ATTRIBUTE, memory)
    return memory
