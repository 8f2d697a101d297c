"""Keras' schedules and optimizers, and the dictionaries that they write themselves as."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.given import Given
from glissando.convert.registry import object_reader
from glissando.dialects import keras as dialect
from glissando.errors import ScheduleError, shown
from glissando.families import Constant
from glissando.schedule import Schedule
from glissando.text.data import from_data

SCHEDULES = (
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
)

KEYS = {
    "first_decay_steps": "CosineDecayRestarts",
    "boundaries": "PiecewiseConstantDecay",
    "end_learning_rate": "PolynomialDecay",
    "alpha": "CosineDecay",
}
"""What tells the class of a schedule's own configuration, which does not name it."""

DEFAULTS = {"sgd": 0.01} | dict.fromkeys(
    (
        *("adam", "adamw", "adamax", "nadam", "rmsprop"),
        *("adafactor", "adagrad", "adadelta", "ftrl", "lion", "muon"),
    ),
    0.001,
)
"""The rates of optimizers that are compiled by their names alone."""

INVERSE = ("initial_learning_rate", "decay_steps", "decay_rate")
"""What the `decay` of an old optimizer comes to, with a step of 1."""

LATER = "keras: {} is a class of your own, which is never built: write its curve as a schedule"


def rate_of(value: Any) -> Schedule:
    """Return the schedule of a `learning_rate`: a number, a schedule or its configuration.

    Raises:
        ScheduleError: it is a class of the user's own, or nothing that Keras has.
    """
    if isinstance(value, Mapping):
        return _of_config(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(value)
    if _is_schedule(value):
        return _of_schedule(value)
    raise ScheduleError(
        f"keras: `learning_rate` must be a number or the configuration of a schedule, got "
        f"{shown(value)}"
    )


def rate_of_optimizer(value: Any) -> Schedule:
    """Return the schedule of an optimizer: its configuration, or the name that it is compiled by.

    Raises:
        ScheduleError: it holds no rate.
    """
    if isinstance(value, str):
        if value.lower() not in DEFAULTS:
            raise ScheduleError(f"keras: the optimizer {shown(value)} is not one of Keras' own")
        return Constant(DEFAULTS[value.lower()])
    config = value.get("config") if isinstance(value, Mapping) else None
    if not isinstance(config, Mapping):
        raise ScheduleError(f"keras: the optimizer must have a `config`, got {shown(value)}")
    if isinstance(config.get("inner_optimizer"), Mapping):  # scaled for half precision
        return rate_of_optimizer(config["inner_optimizer"])
    rate = config.get("learning_rate", config.get("lr"))
    if rate is None:
        raise ScheduleError("keras: the optimizer's `config` has no `learning_rate`")
    if config.get("decay") and not isinstance(rate, Mapping):  # until Keras 2.10
        return _called(
            "InverseTimeDecay", dict(zip(INVERSE, (rate, 1, config["decay"]), strict=True))
        )
    return rate_of(rate)


def is_config(value: Any) -> bool:
    """Return whether a mapping is the configuration of a schedule or an optimizer of Keras."""
    if not isinstance(value, Mapping):
        return False
    inner = value.get("config")
    if isinstance(inner, Mapping) and "class_name" in value:
        named = value["class_name"] in SCHEDULES or "glissando>" in str(
            value.get("registered_name")
        )
        return named or "learning_rate" in inner or "inner_optimizer" in inner
    own = {"initial_learning_rate", "decay_steps"} <= set(value)
    return (
        own
        or {"initial_learning_rate", "first_decay_steps"} <= set(value)
        or ({"boundaries", "values", "name"} == set(value))
    )


def _is_schedule(value: Any) -> bool:
    return any(base.__name__ == "LearningRateSchedule" for base in type(value).__mro__)


def _is_optimizer(value: Any) -> bool:
    own = any(
        base.__name__ in ("Optimizer", "BaseOptimizer") and _of_keras(base)
        for base in type(value).__mro__
    )
    return own and hasattr(value, "get_config")


def _of_keras(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("keras", "tf_keras", "tensorflow")


def _known(value: Any) -> bool:
    return is_config(value) or _is_schedule(value) or _is_optimizer(value)


@object_reader("keras", _known)
def read_keras(value: Any, _given: Given) -> Schedule:
    """Return the schedule of a schedule or an optimizer, or of the configuration of one."""
    if isinstance(value, Mapping):
        inner = value.get("config")
        optimizer = isinstance(inner, Mapping) and {"learning_rate", "inner_optimizer"} & set(inner)
        return rate_of_optimizer(value) if optimizer else _of_config(value)
    if _is_schedule(value):
        return _of_schedule(value)
    return rate_of_optimizer({"config": value.get_config()})


def _of_schedule(value: Any) -> Schedule:
    """Return the schedule of a live one, by its configuration."""
    kind = type(value)
    if kind.__module__.startswith("glissando."):
        found: Schedule = value.schedule
        return found
    if not _of_keras(kind) or kind.__name__ not in SCHEDULES:
        raise ScheduleError(LATER.format(f"{kind.__module__}.{kind.__qualname__}"))
    return _called(kind.__name__, value.get_config())


def _of_config(value: Mapping[str, Any]) -> Schedule:
    """Return the schedule of a configuration, with its class or without."""
    inner = value.get("config")
    if not isinstance(inner, Mapping):
        return _called(_class_of(value), value)
    name, registered = value.get("class_name"), str(value.get("registered_name") or "")
    if registered.startswith("glissando>"):
        return from_data(inner.get("schedule"))
    if name not in SCHEDULES or (registered and registered != name):
        raise ScheduleError(LATER.format(shown(registered or name)))
    return _called(name, inner)


def _class_of(config: Mapping[str, Any]) -> str:
    for key, name in KEYS.items():
        if key in config:
            return name
    if config.get("name") in SCHEDULES:
        return str(config["name"])
    raise ScheduleError(
        "keras: ExponentialDecay and InverseTimeDecay have the same keys: say which it is, as in "
        '{"class_name": "ExponentialDecay", "config": {…}}'
    )


def _called(name: str, config: Mapping[str, Any]) -> Schedule:
    """Return the dialect's schedule of a class with a configuration's arguments."""
    arguments = {str(key): _plain(value) for key, value in config.items()}
    try:
        return getattr(dialect, name)(**arguments)  # type: ignore[no-any-return]
    except TypeError as error:
        raise ScheduleError(f"keras.{name}: {error}") from None


def _plain(value: Any) -> Any:
    """Return a number of whatever type, whole if it is; a list of them likewise."""
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, bool | str) or value is None or isinstance(value, Mapping):
        return value
    number = value.item() if hasattr(value, "item") else value
    if hasattr(number, "numpy"):
        number = number.numpy().item()
    return int(number) if isinstance(number, float) and number.is_integer() else number
