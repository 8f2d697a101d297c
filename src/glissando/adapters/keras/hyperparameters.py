"""The hyperparameters of an optimizer that change while it trains.

The learning rate is a variable in Keras. All others are Python floats: code that runs as Python
reads them anew in every update, but a compiled step has them baked in. There a variable takes the
float's place while the step is traced, and only then, so that the optimizer's configuration, what
is saved of it, and what is loaded into it stay what they are.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras

from glissando.adapters.keras.optimizers import LEARNING_RATE, held, inner
from glissando.adapters.keras.variables import ScheduledVariable
from glissando.adapters.shared.names import other_name
from glissando.errors import ScheduleError, shown

_BELOW_ONE = ("momentum", "ema_momentum", "rho", "beta_1", "beta_2")

_UNUSED = {"weight_decay", "clipnorm", "clipvalue", "global_clipnorm"}
"""What may be None in an optimizer, and a float in another one."""

_NEVER = {
    "loss_scale_factor": "scales the loss outside of the optimizer, where it cannot follow",
    "initial_accumulator_value": "is used only when the optimizer's variables are made",
}


class LearningRate:
    """The learning rate."""

    name = LEARNING_RATE

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer

    def get(self) -> float:
        """Return what the optimizer holds."""
        return held(self.optimizer)

    def set(self, value: float, _at: str) -> None:
        """Write it."""
        self.optimizer.learning_rate = value


class Hyperparameter:
    """A float that the optimizer holds as an attribute, and its variable in a compiled step."""

    def __init__(self, optimizer: Any, name: str, variable: Any) -> None:
        self.optimizer = optimizer
        self.name = name
        self.variable = variable

    def get(self) -> float:
        """Return what the optimizer holds."""
        return float(getattr(self.optimizer, self.name))

    def set(self, value: float, at: str) -> None:
        """Write it."""
        if self.name in _BELOW_ONE and value >= 1:
            raise ScheduleError(
                f"LearningRateScheduler: `{self.name}` must stay below 1, got {value:.6g} at {at}"
            )
        setattr(self.optimizer, self.name, value)
        if self.variable is not None:
            self.variable.assign(value)


class Hyperparameters:
    """What is scheduled in one optimizer, from the beginning of a fit to its end.

    Args:
        model: the model in training.
        optimizer: the optimizer.
        names: what is scheduled.
        own: variables that are scheduled beside those of the optimizer, by name.

    Raises:
        ScheduleError: something of that name is no float of the optimizer, or cannot change.
    """

    def __init__(
        self, model: Any, optimizer: Any, names: list[str], own: Mapping[str, Any]
    ) -> None:
        target = inner(optimizer)
        floats = [name for name in names if name != LEARNING_RATE and name not in own]
        for name in floats:
            _check(target, name)
        self._model = model
        self._traced = None
        # PyTorch's step is Python; what `torch.compile` makes of it guards its floats
        if floats and keras.backend.backend() != "torch":
            self._traced = _Traced(target, floats, [model.optimizer, optimizer])
            self._compile_anew()
        variables = self._traced.variables if self._traced else {}
        self.all: list[LearningRate | Hyperparameter | ScheduledVariable] = []
        for name in names:
            if name in own:
                self.all.append(ScheduledVariable(name, own[name], model))
            elif name == LEARNING_RATE:
                self.all.append(LearningRate(optimizer))
            else:
                self.all.append(Hyperparameter(target, name, variables.get(name)))

    def release(self) -> None:
        """Leave the optimizer as it was, with the last values."""
        if self._traced:
            self._traced.detach()
            self._compile_anew()

    def _compile_anew(self) -> None:
        self._model.train_function = None
        self._model.make_train_function()


class _Variable(keras.Variable):  # type: ignore[misc]  # keras has no types
    """A hyperparameter in a traced step. Keras asks some whether they are in use: they are."""

    def __ne__(self, _other: object) -> bool:
        return True

    def __gt__(self, _other: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


class _Traced:
    """Variables in the place of an optimizer's floats while its step is traced."""

    def __init__(self, optimizer: Any, names: list[str], hosts: list[Any]) -> None:
        earlier = getattr(vars(optimizer).get("apply"), "__self__", None)
        if isinstance(earlier, _Traced):  # of a fit that broke off
            earlier.detach()
        self.optimizer = optimizer
        self.hosts = [host for host in [*hosts, optimizer] if host is not None]
        self.variables = {
            name: _Variable(
                float(getattr(optimizer, name)),
                trainable=False,
                name=name,
                aggregation="only_first_replica",
            )
            for name in names
        }
        vars(optimizer)["apply"] = self.apply
        # JAX takes into a step what the optimizer lists, and TensorFlow what the step reads
        self.listed = keras.backend.backend() == "jax"
        if self.listed:
            self._list()
            for host in self.hosts:
                for method in ("save_own_variables", "load_own_variables"):
                    vars(host)[method] = partial(self._unlisted, host, method)

    def apply(self, *args: Any, **kwargs: Any) -> Any:
        """Do the optimizer's `apply` with the variables in place."""
        own = vars(self.optimizer)  # setting attributes would have Keras list the variables
        floats = {name: own[name] for name in self.variables}
        own.update(self.variables)
        try:
            return type(self.optimizer).apply(self.optimizer, *args, **kwargs)
        finally:
            own.update(floats)

    def detach(self) -> None:
        """Take everything out of the optimizer."""
        del vars(self.optimizer)["apply"]
        if self.listed:
            self._unlist()
            for host in self.hosts:
                for method in ("save_own_variables", "load_own_variables"):
                    vars(host).pop(method, None)

    def _unlisted(self, host: Any, method: str, store: Any) -> None:
        with self._apart():
            getattr(type(host), method)(host, store)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        self._unlist()
        try:
            yield
        finally:
            self._list()

    def _list(self) -> None:
        for variable in self.variables.values():
            self.optimizer._track_variable(variable)

    def _unlist(self) -> None:
        for variable in self.variables.values():
            self.optimizer._untrack_variable(variable)


def _check(optimizer: Any, name: str) -> None:
    """Raise if a hyperparameter cannot change in training."""
    kind = type(optimizer).__name__
    config = optimizer.get_config()
    value = config.get(name)
    where = f"LearningRateScheduler: `{name}`"
    if name in _NEVER and name in config:
        raise ScheduleError(f"{where} cannot be scheduled: it {_NEVER[name]}")
    if name in config and value is None:
        raise ScheduleError(
            f"{where} is not in use: build the optimizer with a number, as in "
            f"keras.optimizers.{kind}({name}=0.01)"
        )
    if not isinstance(value, float) or not isinstance(vars(optimizer).get(name), float):
        floats = [key for key, v in config.items() if isinstance(v, float) and key not in _NEVER]
        known = {LEARNING_RATE, *floats, *(_UNUSED & set(config))}
        raise ScheduleError(
            f"{where} must name a float of {kind}, "
            f"got {shown(value) if name in config else 'none of its arguments'}"
            + other_name(name, known)
        )
    if name == "clipvalue" and keras.backend.backend() == "jax":
        raise ScheduleError(
            f"{where} cannot change on JAX, to which Keras gives it as a number; `clipnorm` can"
        )
    if name == "momentum" and value == 0:
        raise ScheduleError(
            f"{where} is not in use: {kind} was built with a momentum of 0 and keeps no "
            "velocities. Build it with a momentum above 0"
        )
    if name == "ema_momentum" and not optimizer.use_ema:
        raise ScheduleError(f"{where} is not in use: build the optimizer with use_ema=True")
