"""Keras 3 follows a schedule, on the TensorFlow, JAX and PyTorch backends.

`LearningRateScheduler` is a callback: it sets the rate before each epoch or each update, and takes
any function too. `LearningRateSchedule` goes into the optimizer and computes the rate in graph: it
costs nothing per batch, reaches inside `steps_per_execution`, and is saved with the model.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import Any, Literal
from weakref import WeakKeyDictionary

import keras

from glissando.rules import RATE, ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text import from_data

_OFFSETS: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""By optimizer: the updates that were done before it began to count its own."""

_EPOCHS: WeakKeyDictionary[Any, tuple[int, int]] = WeakKeyDictionary()
"""By optimizer: the epochs completed, which Keras counts anew in every `fit`, and the updates."""


class LearningRateScheduler(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Set the optimizer's learning rate from a schedule while `fit` trains.

    With `unit="epoch"` every update of epoch e uses `schedule(e)`, e counted from 0. A `fit` with
    `initial_epoch` begins there. A second `fit` without it goes on after the epochs that the
    optimizer has done, although Keras prints "Epoch 1" again; a newly compiled model begins at 0.

    With `unit="step"` update k uses `schedule(k)`, k being the updates completed so far. They are
    counted by the optimizer itself (`optimizer.iterations`), so a second `fit`, a restored
    optimizer, `keras.callbacks.BackupAndRestore`, `gradient_accumulation_steps` (several batches
    make one update) and a `LossScaleOptimizer` that skips an update are all counted right. A new
    optimizer under `initial_epoch=e` has counted nothing yet: it starts at `e` times the steps of
    an epoch. A batch costs one look at the optimizer, which on JAX brings the model's state to
    the host side; `LearningRateSchedule` costs nothing.

    The rate used is in the logs as `learning_rate`, at the end of each batch and each epoch (for
    `unit="step"`, the epoch's last): `History` and `TensorBoard` carry it. Callbacks that read the
    logs of batches must stand after this one in the list.

    Only `optimizer.learning_rate` is written, and always set, never multiplied. When something
    else writes it too, that is reported where it is first seen, and the schedule's rate is set
    again; a second callback made to own the rate (Keras's `LearningRateScheduler` or
    `ReduceLROnPlateau`, or another of these) is refused when training begins.

    Args:
        schedule: a glissando schedule, or any function `f(step) -> rate` (the epoch's index for
            `unit="epoch"`), or `f(epoch, rate) -> rate` with two arguments that have no default,
            as Keras's own callback takes it: `rate` is what the optimizer holds. A rate is a
            finite number of 0 or more.
        unit: what a step of the schedule is: `"epoch"` or `"step"`, an update of the optimizer.
        verbose: 1 prints one line an epoch, 0 none.
        on_conflict: what to do when something else wrote the learning rate: `"warn"` once a fit,
            `"raise"` a `ScheduleError`, or `"ignore"` it.

    Raises:
        ScheduleError: an argument breaks its rule; in `fit`: the model has no optimizer of its
            own, or several; the optimizer was built with a schedule; two callbacks own the rate;
            `unit="step"` with `steps_per_execution` above 1, where a callback cannot reach; the
            function returned no rate. What the function raises comes through as it is.

    Example:
        >>> import keras, numpy as np
        >>> import glissando as gl
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(), "mse")
        >>> rate = gl.Linear(0.1, 0.0, steps=4)
        >>> history = model.fit(
        ...     np.zeros((8, 1)), np.zeros((8, 1)), batch_size=4, epochs=2, verbose=0,
        ...     callbacks=[gl.keras.LearningRateScheduler(rate, unit="step")],
        ... )  # two updates an epoch: 0.1 and 0.075, then 0.05 and 0.025
        >>> [round(rate, 6) for rate in history.history["learning_rate"]]
        [0.075, 0.025]
    """

    def __init__(
        self,
        schedule: Schedule | Callable[..., Any],
        unit: Literal["epoch", "step"] = "epoch",
        verbose: int = 0,
        *,
        on_conflict: Literal["warn", "raise", "ignore"] = "warn",
    ) -> None:
        super().__init__()
        _one_of("unit", unit, ("epoch", "step"))
        _one_of("on_conflict", on_conflict, ("warn", "raise", "ignore"))
        self._takes_rate = _takes_rate(schedule)
        self.schedule: Callable[..., Any] = schedule
        self.unit = unit
        self.verbose = verbose
        self.on_conflict = on_conflict
        # Keras may then hand over the end of a batch later, and need not wait for the device
        self.async_safe = unit == "epoch"
        self._forget()

    def _forget(self) -> None:
        self._rate: float | None = None  # what the optimizer held when last looked at
        # what was done before: updates before the optimizer's own count, epochs before this fit
        self._offset: int | None = None
        self._span: list[tuple[int, float]] = []  # the epoch's steps so far: its first, its last
        self._reported = False
        self._others: list[str] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse what cannot come out right, before the first update."""
        self._forget()
        optimizer = _optimizer_of(self.model)
        if not isinstance(optimizer.learning_rate, keras.Variable):
            raise ScheduleError(
                "LearningRateScheduler: the optimizer was built with a schedule of its own, which "
                "already sets the rate in graph. Take this callback out, or build the optimizer "
                f"with a number: keras.optimizers.{type(_inner(optimizer)).__name__}(0.01)"
            )
        executed = self.model.steps_per_execution
        if self.unit == "step" and executed > 1:
            raise ScheduleError(
                "LearningRateScheduler: unit='step' cannot reach inside an execution of "
                f"steps_per_execution={executed} updates. {_in_graph(self.schedule, optimizer)}"
            )
        for callback in _fellows():
            if callback is self:
                continue
            name = type(callback).__name__
            if isinstance(callback, _OWNERS):
                raise ScheduleError(
                    "LearningRateScheduler: two callbacks own the learning rate in this fit, "
                    f"{self._name()} and {type(callback).__module__.split('.')[0]}'s {name}. Keep "
                    "one; two schedules become one by `a * b`, `a >> b` or gl.minimum(a, b)"
                )
            if not type(callback).__module__.startswith("keras."):
                self._others.append(name)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the epoch's rate, or find the step that training stands at."""
        self._print_span()
        self._epoch = epoch
        optimizer = self.model.optimizer
        if self.unit == "epoch":
            if self._offset is None:
                self._offset = self._epochs_before(optimizer, epoch)
            at = self._offset + epoch
            self._look(optimizer, f"before epoch {epoch}")
            self._set(optimizer, at)
            if self.verbose:
                more = f" (epoch {at + 1} in all)" if self._offset else ""
                print(f"Epoch {epoch + 1}{more}: learning rate {self._rate:.6g}", flush=True)
        elif self._offset is None:
            self._offset = _OFFSETS[optimizer] = self._updates_before(optimizer, epoch)
            if self.verbose and (step := self._offset + _updates(optimizer)):
                source = "initial_epoch" if self._offset else "optimizer.iterations"
                print(f"Starting at step {step}, by {source}", flush=True)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the update's rate."""
        if self.unit == "epoch":
            # Once an epoch is enough to meet a callback that wrote after this one.
            if batch == 0:
                optimizer = self.model.optimizer
                wanted = self._rate
                if self._look(optimizer, f"in epoch {self._epoch}") != wanted:
                    optimizer.learning_rate = self._rate = wanted
            return
        optimizer = self.model.optimizer
        self._step = (self._offset or 0) + _updates(optimizer)
        self._look(optimizer, f"before step {self._step}")
        self._set(optimizer, self._step)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Put the rate used into the batch's logs."""
        if self.unit == "step":
            used = self._look(self.model.optimizer, f"in step {self._step}")
            self._span = [*self._span[:1], (self._step, used)]
        if logs is not None:
            logs["learning_rate"] = self._rate

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs."""
        if self.unit == "epoch":
            used = self._look(self.model.optimizer, f"in epoch {epoch}")
            done = (self._offset or 0) + epoch + 1
            _EPOCHS[self.model.optimizer] = done, _updates(self.model.optimizer)
        elif self._span:
            used = self._span[-1][1]  # not what the optimizer holds, if data ran out after a begin
        else:
            return
        if logs is not None:
            logs["learning_rate"] = used

    def on_train_end(self, logs: Any = None) -> None:
        """Print the last epoch's line."""
        self._print_span()

    def _epochs_before(self, optimizer: Any, epoch: int) -> int:
        """Return how many epochs were done before this fit and are not in Keras's own index."""
        if epoch:  # initial_epoch, or a restored backup, tells where training is
            return 0
        updates = _updates(optimizer)
        epochs, then = _EPOCHS.get(optimizer, (0, 0))
        if updates == then:  # otherwise it was reset or restored since, and its count is the truth
            return epochs
        steps: int | None = (self.params or {}).get("steps")
        each = _inner(optimizer).gradient_accumulation_steps or 1
        return updates * each // steps if steps else 0

    def _updates_before(self, optimizer: Any, epoch: int) -> int:
        """Return how many updates were done before the optimizer's own count began."""
        done = _updates(optimizer)
        steps: int | None = (self.params or {}).get("steps")
        if done and (optimizer in _OFFSETS or steps is None):
            return _OFFSETS.get(optimizer, 0)
        if not epoch:
            return 0
        if steps is None:
            raise ScheduleError(
                f"LearningRateScheduler: initial_epoch={epoch} with a new optimizer starts at "
                f"{epoch} times the steps of an epoch, which are not known for this data. Pass "
                "steps_per_epoch=... to fit, or begin with fit(initial_epoch=0) and "
                "schedule.drop(n), n being the updates already done"
            )
        each = _inner(optimizer).gradient_accumulation_steps or 1
        if not done:
            return epoch * steps // each
        # An optimizer that was new at an earlier initial_epoch has counted whole epochs too few.
        missing = max(0, epoch * steps - done * each) // steps
        before = missing * steps // each
        # BackupAndRestore resumes this very fit, so its epochs were as long as these. A model that
        # was loaded may have had batches of another size: there the optimizer's count is the truth.
        if getattr(self.model, "_initial_epoch", None):
            return before
        if missing:
            warnings.warn(
                f"LearningRateScheduler: the optimizer has counted {done} updates, {missing} "
                f"epochs of {steps} batches too few for epoch {epoch}. Training goes on at step "
                f"{done}; if another optimizer did the rest, pass schedule.drop({before})",
                stacklevel=2,
            )
        return 0

    def _rate_at(self, step: int) -> float:
        """Return the schedule's rate, checked."""
        more = (_held(self.model.optimizer),) if self._takes_rate else ()
        rate = _plain(self.schedule(step, *more))
        return RATE.check(rate, f"{self._name()}: the rate returned for {self.unit} {step}")

    def _set(self, optimizer: Any, step: int) -> None:
        optimizer.learning_rate = self._rate_at(step)
        self._rate = _held(optimizer)

    def _look(self, optimizer: Any, where: str) -> float:
        """Return what the optimizer holds; report it if this callback did not set it."""
        expected, self._rate = self._rate, _held(optimizer)
        if expected is None or self._rate == expected or self.on_conflict == "ignore":
            return self._rate
        who = f"one of {', '.join(self._others)}" if self._others else "something else"
        message = (
            f"LearningRateScheduler: {where} the learning rate is {self._rate:.6g}, but "
            f"{self._name()} had set {expected:.6g}: {who} writes optimizer.learning_rate too. "
            "Keep one owner, or pass on_conflict='ignore' to let the schedule overrule the other"
        )
        if self.on_conflict == "raise":
            raise ScheduleError(message)
        if not self._reported:
            self._reported = True
            warnings.warn(message, stacklevel=2)
        return self._rate

    def _print_span(self) -> None:
        # After the epoch: Keras ends its progress bar only when every on_epoch_end is through.
        if self.verbose and self._span:
            (first, start), (last, end) = self._span[0], self._span[-1]
            steps = f"step {first}" if first == last else f"steps {first}-{last}"
            rates = f"{start:.6g}" if start == end else f"{start:.6g} -> {end:.6g}"
            print(f"Epoch {self._epoch + 1}, {steps}: learning rate {rates}", flush=True)
        self._span = []

    def _name(self) -> str:
        name = getattr(self.schedule, "__name__", None) or shown(self.schedule)
        return f"LearningRateScheduler({name})"


_OWNERS = (
    LearningRateScheduler,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)


@keras.saving.register_keras_serializable(package="glissando")
class LearningRateSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule inside the optimizer: `keras.optimizers.Adam(LearningRateSchedule(schedule))`.

    The rate is computed in graph from the optimizer's own count of steps, so `jit_compile`,
    `steps_per_execution`, a second `fit`, a restored optimizer and
    `keras.callbacks.BackupAndRestore` all come out right, and nothing is done per batch on the
    host. It is saved with the model as plain data; to load such a model in another process,
    `import glissando.adapters.keras` first.

    Keras counts steps only. A schedule over epochs becomes one over steps by
    `schedule.hold_each(steps_per_epoch)`, a staircase, or smoothly by
    `schedule.slow(steps_per_epoch)`. Two more things that only you can know:

    - With `gradient_accumulation_steps=n` Keras counts batches here, n to an update: give it
      `schedule.hold_each(n)`.
    - A new optimizer counts from 0, also under `fit(initial_epoch=...)`: to go on after n updates,
      give it `schedule.drop(n)`.

    Keras's `History` has no rate for such an optimizer: add a `LearningRateLogger` for that.

    Args:
        schedule: a glissando schedule. A function of your own has no formula that could run in
            graph or be saved: use `LearningRateScheduler` for it.

    Raises:
        ScheduleError: `schedule` is not a schedule, or has a function of your own in it.

    Example:
        >>> import keras
        >>> import glissando as gl
        >>> rate = gl.Linear(0.0, 0.1, steps=5) >> gl.Cosine(0.1, 0.0, steps=95)
        >>> optimizer = keras.optimizers.SGD(gl.keras.LearningRateSchedule(rate))
        >>> optimizer.get_config()["learning_rate"]["config"]["schedule"]["type"]
        'chain'
    """

    def __init__(self, schedule: Schedule) -> None:
        if not isinstance(schedule, Schedule):
            raise ScheduleError(
                f"LearningRateSchedule: `schedule` must be a glissando schedule, got "
                f"{shown(schedule)}" + (f". {_FUNCTION}" if callable(schedule) else "")
            )
        try:
            self._data = schedule.to_data()
        except ScheduleError as error:
            raise ScheduleError(f"LearningRateSchedule: {error}. {_FUNCTION}") from None
        self.schedule = schedule

    def __call__(self, step: Any) -> Any:
        """Return the rate at `step`: a tensor for a tensor or variable, a float for a number."""
        return self.schedule(step.value if isinstance(step, keras.Variable) else step)

    def get_config(self) -> dict[str, Any]:
        """Return the schedule's JSON form under `schedule`."""
        return {"schedule": self._data}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LearningRateSchedule":
        """Return the schedule that `get_config` described."""
        return cls(from_data(config["schedule"]))


class LearningRateLogger(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Log the rate of an optimizer that computes its own, as `learning_rate` of each epoch.

    Keras's `History` does not have the rate of an optimizer built with a schedule, glissando's or
    any other. This callback adds the one that the epoch's last update used, at no cost per batch.
    It must stand before other callbacks that read the logs. (`keras.callbacks.TensorBoard` reads
    the optimizer itself when the epoch is over: for an optimizer built with a schedule its curve
    `epoch_learning_rate` is the rate of the next update.)

    Raises:
        ScheduleError: in `fit`: the model has no optimizer of its own, or several.

    Example:
        >>> import keras, numpy as np
        >>> import glissando as gl
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> rate = gl.keras.LearningRateSchedule(gl.Linear(0.1, 0.0, steps=4))
        >>> model.compile(keras.optimizers.SGD(rate), "mse")
        >>> history = model.fit(
        ...     np.zeros((8, 1)), np.zeros((8, 1)), batch_size=4, epochs=2, verbose=0,
        ...     callbacks=[gl.keras.LearningRateLogger()],
        ... )
        >>> [round(rate, 6) for rate in history.history["learning_rate"]]
        [0.075, 0.025]
    """

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse a model whose rate cannot be told."""
        _optimizer_of(self.model)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs."""
        optimizer = _inner(self.model.optimizer)
        rate = optimizer.learning_rate
        if isinstance(optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            # The optimizer tells the next update's rate, and only here how it counts.
            last = keras.ops.maximum(optimizer._iterations - 1, 0)
            rate = optimizer._learning_rate(last)
        if logs is not None:
            logs["learning_rate"] = float(_plain(rate))


_FUNCTION = (
    "A function of your own cannot run in graph: use LearningRateScheduler(f, unit='step') with "
    "steps_per_execution=1, or build the curve from families, such as "
    "gl.Linear(...) >> gl.Cosine(...)"
)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        *most, last = map(repr, allowed)
        raise ScheduleError(
            f"LearningRateScheduler: `{name}` must be {', '.join(most)} or {last}, "
            f"got {shown(value)}"
        )


def _takes_rate(schedule: object) -> bool:
    """Return whether a user's function wants `(epoch, rate)`, told without calling it."""
    wanted = "LearningRateScheduler: `schedule` must be a schedule, f(step) or f(epoch, rate), got "
    if not callable(schedule) or inspect.isclass(schedule):
        raise ScheduleError(wanted + shown(schedule))
    try:
        signature = inspect.signature(schedule)
    except ValueError:  # some builtins do not tell
        return False
    for arguments in ((0,), (0, 0.0)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    raise ScheduleError(f"{wanted}{shown(schedule)}, called as {signature}")


def _in_graph(schedule: object, optimizer: Any) -> str:
    """Return what to write instead of the callback."""
    try:
        LearningRateSchedule(schedule)  # type: ignore[arg-type]  # it refuses what is none
    except ScheduleError:
        return _FUNCTION
    inner = _inner(optimizer)
    each = inner.gradient_accumulation_steps
    held = f"schedule.hold_each({each})" if each else "schedule"
    return (
        "Take this callback out and compile with optimizer=keras.optimizers."
        f"{type(inner).__name__}(glissando.adapters.keras.LearningRateSchedule({held}))"
    )


def _optimizer_of(model: Any) -> Any:
    """Return the model's optimizer, which must be its only one."""
    optimizer = getattr(model, "optimizer", None)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ScheduleError(
            "the model must be compiled with one Keras 3 optimizer, such as "
            f"model.compile(keras.optimizers.SGD(0.01), ...), got {shown(optimizer)}"
        )
    others = [
        name
        for name, value in vars(model).items()
        if isinstance(value, keras.optimizers.Optimizer)
        and value is not optimizer
        and value is not _inner(optimizer)
    ]
    if others:
        raise ScheduleError(
            f"the model has several optimizers, optimizer and {', '.join(others)}, and a "
            " callback cannot tell which one to drive: build each with its own "
            "glissando.adapters.keras.LearningRateSchedule(schedule)"
        )
    return optimizer


def _inner(optimizer: Any) -> Any:
    """Return the optimizer that a LossScaleOptimizer wraps, or the optimizer itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _plain(value: Any) -> Any:
    """Return a variable or tensor as something that NumPy, JAX or PyTorch call a number."""
    value = value.value if isinstance(value, keras.Variable) else value
    if hasattr(value, "numpy") and not hasattr(value, "item"):
        return value.numpy()  # TensorFlow, also mirrored on several devices
    return value


def _updates(optimizer: Any) -> int:
    """Return how many updates the optimizer has completed."""
    return int(_plain(optimizer.iterations))


def _held(optimizer: Any) -> float:
    """Return the learning rate that the optimizer holds."""
    return float(_plain(optimizer.learning_rate))


def _fellows() -> list[Any]:
    """Return all callbacks of the running fit; Keras tells them of no one but themselves."""
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList):
            return list(caller.callbacks)
        frame = frame.f_back
    return []
