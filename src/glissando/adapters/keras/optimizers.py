"""The optimizers of a model: which one is meant, and what it holds."""

from typing import Any

import keras

from glissando.errors import ScheduleError, shown, suggestion

Optimizer = keras.optimizers.Optimizer

LEARNING_RATE = "learning_rate"


def optimizer_of(model: Any, wanted: Any = None) -> Any:
    """Return the optimizer that is meant: by itself, by a name, or the model's only one."""
    if model is None:
        raise ScheduleError(
            "the callback has no model before training: give it to fit(callbacks=[...]), or, in a "
            "loop of your own, call its set_model(model) first"
        )
    if wanted is not None:
        return _named(model, wanted)
    optimizer = getattr(model, "optimizer", None)
    if not isinstance(optimizer, Optimizer):
        several = list(_all(model))
        raise ScheduleError(
            "the model must be compiled with one Keras 3 optimizer, such as "
            f"model.compile(keras.optimizers.SGD(0.01), ...), got {shown(optimizer)}"
            + (f"; or say which one by optimizer={several[0]!r}" if several else "")
        )
    own = (optimizer, inner(optimizer))
    others = [name for name, value in _all(model).items() if all(value is not o for o in own)]
    if others:
        raise ScheduleError(
            f"the model has several optimizers, {', '.join(_all(model))}. Say which one "
            f"by optimizer={others[0]!r}, with one callback for each, or build each with its own "
            "glissando.adapters.keras.LearningRateSchedule(schedule)"
        )
    return optimizer


def label(model: Any, wanted: Any) -> str:
    """Return what the logs call an optimizer: nothing for the model's only one."""
    if wanted is None or isinstance(wanted, str):
        return str(wanted or "")
    for name, value in vars(model).items():
        if value is wanted:
            return str(name)
    return str(wanted.name)


def _named(model: Any, wanted: Any) -> Any:
    if isinstance(wanted, Optimizer):
        return wanted
    known = _all(model)
    for name, optimizer in known.items():
        if wanted in (name, optimizer.name):
            return optimizer
    names = ", ".join(known) or "none"
    hint = suggestion(wanted, list(known)) if isinstance(wanted, str) else ""
    raise ScheduleError(
        f"`optimizer` must be one of the model's optimizers ({names}) or its name, "
        f"got {shown(wanted)}{hint}"
    )


def whole(model: Any) -> dict[str, Any]:
    """Return the optimizers by the model's attributes, a MultiOptimizer as it is."""
    return {n: v for n, v in vars(model).items() if isinstance(v, Optimizer)}


def _all(model: Any) -> dict[str, Any]:
    """Return the optimizers by the model's attributes, and the parts of a MultiOptimizer."""
    found = whole(model)
    for name, value in list(found.items()):
        if isinstance(parts := getattr(value, "optimizers", None), list):
            del found[name]  # it has no rate of its own
            found |= {part.name: part for part in parts}
    return found


def rated(model: Any) -> list[Any]:
    """Return the optimizers that have a rate of their own."""
    return [inner(optimizer) for optimizer in _all(model).values()]


def inner(optimizer: Any) -> Any:
    """Return the optimizer that a LossScaleOptimizer wraps, or the optimizer itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def plain(value: Any) -> Any:
    """Return a variable or tensor as something that NumPy, JAX or PyTorch call a number."""
    value = value.value if isinstance(value, keras.Variable) else value
    if hasattr(value, "numpy") and not hasattr(value, "item"):
        return value.numpy()  # TensorFlow, also mirrored on several devices
    return value.detach() if hasattr(value, "detach") else value  # its value, not how it came


def updates(optimizer: Any) -> int:
    """Return how many updates the optimizer has completed."""
    return int(plain(optimizer.iterations))


def held(optimizer: Any) -> float:
    """Return the learning rate that the optimizer holds."""
    return float(plain(optimizer.learning_rate))
