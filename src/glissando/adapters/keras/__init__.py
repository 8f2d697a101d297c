"""Keras 3 follows a schedule, on the TensorFlow, JAX and PyTorch backends.

`LearningRateScheduler` is a callback: it sets the rate, and any other hyperparameter, before each
epoch or each update, and takes any function too. `LearningRateSchedule` goes into the optimizer and
computes the rate in graph: it costs nothing per batch, reaches inside `steps_per_execution`, and is
saved with the model; `resume` goes on from such a model with another schedule. `Training` is a
model and its data for `gl.find_rate` to try; `train_function` makes of both what a study trains.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from glissando import dialects
from glissando.adapters.shared.frameworks import framework_of

with framework_of("keras"):
    from glissando.adapters.keras.callback import LearningRateScheduler
    from glissando.adapters.keras.in_graph import LearningRateLogger, LearningRateSchedule, resume
    from glissando.adapters.keras.training import Training
    from glissando.adapters.keras.training_function import train_function

__all__ = [
    "LearningRateLogger",
    "LearningRateSchedule",
    "LearningRateScheduler",
    "Training",
    "resume",
    "train_function",
]

_DIALECT = "glissando.dialects.keras"

if not TYPE_CHECKING:  # a type checker is to report names that do not exist

    def __getattr__(name):
        if name == "ReduceLROnPlateau":
            hint = (
                ": a plateau is gl.Plateau('keras', factor=0.1, patience=10).on(schedule), which "
                "gl.keras.LearningRateScheduler follows"
            )
        elif getattr(getattr(dialects.keras, name, None), "__module__", "") == _DIALECT:
            hint = f": Keras's schedules by their own names are gl.dialects.keras.{name}, and so on"
        else:
            lower = {known.lower(): known for known in __all__}
            near = get_close_matches(name.lower(), lower, n=1)
            hint = f"; it has {', '.join(__all__)}"
            if near:
                hint = f"; did you mean {lower[near[0]]!r}?"
        raise AttributeError(f"gl.keras has no {name!r}{hint}")
