"""Keras 3 follows a schedule, on the TensorFlow, JAX and PyTorch backends.

`LearningRateScheduler` is a callback: it sets the rate, and any other hyperparameter, before each
epoch or each update, and takes any function too. `LearningRateSchedule` goes into the optimizer and
computes the rate in graph: it costs nothing per batch, reaches inside `steps_per_execution`, and is
saved with the model; `resume` goes on from such a model with another schedule.
"""

from glissando.adapters.keras.callback import LearningRateScheduler
from glissando.adapters.keras.in_graph import LearningRateLogger, LearningRateSchedule, resume

__all__ = ["LearningRateLogger", "LearningRateSchedule", "LearningRateScheduler", "resume"]
