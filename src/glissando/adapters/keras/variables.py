"""Variables of the user's own, which a schedule sets as it sets a hyperparameter."""

from collections.abc import Collection, Mapping
from typing import Any

import keras

from glissando.adapters.keras.optimizers import LEARNING_RATE, plain
from glissando.errors import ScheduleError, shown


class ScheduledVariable:
    """A variable that follows a schedule.

    Args:
        name: what the schedule and the logs call it.
        variable: the variable.
        model: the model in training.

    Raises:
        ScheduleError: training writes it, too, or cannot read what is written.
    """

    def __init__(self, name: str, variable: Any, model: Any) -> None:
        where = f"LearningRateScheduler: `{name}` of `variables`"
        if _among(variable, model.trainable_variables):
            raise ScheduleError(
                f"{where} is trained by the optimizer; make it keras.Variable(..., trainable=False)"
            )
        compiled = keras.backend.backend() == "jax" and not model.run_eagerly
        if compiled and not _among(variable, model.variables):
            raise ScheduleError(
                f"{where} is not among the model's variables, so JAX's compiled step would have "
                "its first value as a constant. Make it an attribute of the model or of one of its "
                f"layers before that is built: self.{name} = keras.Variable(0.0, trainable=False)"
            )
        self.name = name
        self.variable = variable

    def get(self) -> float:
        """Return what the variable holds."""
        return float(plain(self.variable))

    def set(self, value: float, _at: str) -> None:
        """Write it."""
        self.variable.assign(value)


def check_variables(variables: object, names: Collection[str]) -> dict[str, Any]:
    """Return variables by name.

    Raises:
        ScheduleError: one is no variable that holds a single float, or has no schedule.
    """
    where = "LearningRateScheduler: `variables`"
    if variables is None:
        return {}
    if not isinstance(variables, Mapping):
        raise ScheduleError(f"{where} must be variables by name, got {shown(variables)}")
    for name, variable in variables.items():
        if name not in names or name == LEARNING_RATE:
            raise ScheduleError(
                f"{where} has {shown(name)}, but there are schedules of {', '.join(names)}; give "
                f"both the same name, as LearningRateScheduler({{'kl': schedule}}, "
                "variables={'kl': variable})"
            )
        if set(name) & set(" /"):  # Keras's files take a slash for a path
            raise ScheduleError(f"{where}: a name has no space and no slash, got {name!r}")
        if not hasattr(variable, "assign") or not hasattr(variable, "dtype"):
            raise ScheduleError(
                f"{where}: {name!r} must be a variable, such as "
                f"keras.Variable(0.0, trainable=False), got {shown(variable)}"
            )
        dtype = keras.backend.standardize_dtype(variable.dtype)
        if tuple(variable.shape) or not keras.backend.is_float_dtype(dtype):
            raise ScheduleError(
                f"{where}: {name!r} must hold a single float, "
                f"got the shape {tuple(variable.shape)} of {dtype}"
            )
    return dict(variables)


def _among(variable: Any, others: Any) -> bool:
    return any(variable is other for other in others)
