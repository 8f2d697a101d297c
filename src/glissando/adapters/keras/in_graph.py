"""The schedule inside the optimizer, what logs its rate, and how it is resumed."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras

from glissando.adapters.keras.length import RunLength, fit_of, one_update_a_batch
from glissando.adapters.keras.optimizers import (
    LEARNING_RATE,
    inner,
    label,
    optimizer_of,
    plain,
)
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.resume import Policy, check_policy, resumed
from glissando.errors import ScheduleError, shown
from glissando.plateau import OnPlateau
from glissando.schedule import Schedule
from glissando.text import from_data
from glissando.text.permissions import imports_of

FUNCTION = (
    "A function of your own cannot run in graph: use LearningRateScheduler(f, unit='step') with "
    "steps_per_execution=1, or build the curve from families, such as "
    "gl.Linear(...) >> gl.Cosine(...)"
)


NO_CALLBACK = (
    ": it goes into the optimizer, SGD(gl.keras.LearningRateSchedule(schedule)); what goes into "
    "callbacks=[...] is gl.keras.LearningRateScheduler(schedule), with another ending"
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

    Keras's `History` has no rate for such an optimizer: add a `LearningRateLogger` for that. It
    also tells when the schedule does not fit the length of the `fit`, which nothing in the
    optimizer can see.

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

    __module__ = "glissando.adapters.keras"

    def __init__(self, schedule: Schedule) -> None:
        if not isinstance(schedule, Schedule):
            raise ScheduleError(
                f"LearningRateSchedule: `schedule` must be a glissando schedule, got "
                f"{shown(schedule)}" + _instead_of(schedule)
            )
        try:
            self._data = schedule.to_data()
            if paths := imports_of(schedule):
                raise ScheduleError(f"{paths[0]} has no formula")
        except ScheduleError as error:
            raise ScheduleError(f"LearningRateSchedule: {error}. {FUNCTION}") from None
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
        if not isinstance(config, dict) or "schedule" not in config:
            raise ScheduleError(
                "LearningRateSchedule: the saved form must have a `schedule`, "
                f"got {shown(config)}: is the file damaged?"
            )
        return cls(from_data(config["schedule"]))

    def __repr__(self) -> str:
        """Return the Python code that builds it."""
        return f"gl.keras.LearningRateSchedule({self.schedule!r})"

    if not TYPE_CHECKING:  # a type checker is to report attributes that do not exist

        def __getattr__(self, name):
            """Say what to write where Keras takes it for a callback."""
            raise AttributeError(
                f"'LearningRateSchedule' object has no attribute {name!r}"
                + NO_CALLBACK * (name in ("on_batch_end", "set_model"))  # what Keras asks first
            )


class LearningRateLogger(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Log the rate of an optimizer that computes its own, as `learning_rate` of each epoch.

    A glissando schedule in the optimizer that does not fit the length of `fit` is reported, when
    training begins or, where the data do not say before how long it is, after the first epoch.

    Keras's `History` does not have the rate of an optimizer built with a schedule, glissando's or
    any other. This callback adds the one that the epoch's last update used, at no cost per batch.
    It must stand before other callbacks that read the logs. (`keras.callbacks.TensorBoard` reads
    the optimizer itself when the epoch is over: for an optimizer built with a schedule its curve
    `epoch_learning_rate` is the rate of the next update.)

    Args:
        optimizer: which one, in a model that has several: see `LearningRateScheduler`.
        on_length: what to do about a schedule that does not fit the length of the fit: `"warn"`
            once, `"raise"` a `ScheduleError`, or `"ignore"` it.

    Raises:
        ScheduleError: `on_length` breaks its rule; in `fit`: it is not clear which optimizer is
            meant.

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

    __module__ = "glissando.adapters.keras"

    def __init__(self, optimizer: Any = None, *, on_length: Reaction = "warn") -> None:
        super().__init__()
        check_reaction(on_length, "LearningRateLogger: `on_length`")
        self.optimizer = optimizer
        self._length = RunLength("LearningRateLogger", on_length, in_graph=True)
        self._first = True  # whether the first epoch is still to begin

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse a model whose optimizer is not clear."""
        optimizer_of(self.model, self.optimizer)
        self._first = True

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Hold the schedule against the length of the fit."""
        if not self._first:
            return
        self._first = False
        optimizer, followed = self._followed()
        # what Keras hands to a schedule: with gradient accumulation, batches
        fit = fit_of("step", optimizer, 0, epoch, self.params, each=1)
        if not one_update_a_batch(self.model):
            fit = replace(fit, batches=None)
        self._length.begin(followed, fit, sure=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs."""
        optimizer, followed = self._followed()
        self._length.epoch_over(followed, optimizer)
        rate = optimizer.learning_rate
        if isinstance(optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            # The optimizer gives the next update's rate, and only here how it counts.
            last = keras.ops.maximum(optimizer._iterations - 1, 0)
            rate = optimizer._learning_rate(last)
        if logs is not None:
            name = label(self.model, self.optimizer)
            logs[f"{name}_learning_rate" if name else LEARNING_RATE] = float(plain(rate))

    def _followed(self) -> tuple[Any, dict[str, Schedule]]:
        """Return the optimizer, and its schedule if that is one of glissando's."""
        optimizer = inner(optimizer_of(self.model, self.optimizer))
        rate = optimizer._learning_rate
        own = {LEARNING_RATE: rate.schedule} if isinstance(rate, LearningRateSchedule) else {}
        return optimizer, own


def resume(
    model: Any, schedule: Schedule, on_mismatch: Policy = "raise", *, optimizer: Any = None
) -> Schedule:
    """Go on with a schedule in the optimizer of a model that has already trained with one.

    A loaded model has the `LearningRateSchedule` that it was saved with. Where another one is
    wanted now, such as a longer one, this says what becomes of the two after the updates that the
    optimizer has counted, and puts the result into the optimizer.

    Args:
        model: a compiled model, such as one that was loaded.
        schedule: the schedule to go on with.
        on_mismatch: what to do if the model's schedule is another: `"raise"`, `"keep"`,
            `"replace"`, `"continue"` or `"rewarm"`; see `glissando.ScheduleMismatch`.
        optimizer: which one, in a model that has several: see `LearningRateScheduler`.

    Returns:
        The schedule that the optimizer has now.

    Raises:
        ScheduleMismatch: the model's schedule is another, and `on_mismatch` is `"raise"`.
        ScheduleError: the optimizer has no `LearningRateSchedule`, or an argument breaks its rule.
            Whatever is raised, nothing changed.

    Example:
        >>> import keras
        >>> import glissando as gl
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> short, long = gl.Linear(0.1, 0.0, steps=10), gl.Linear(0.1, 0.0, steps=20)
        >>> model.compile(keras.optimizers.SGD(gl.keras.LearningRateSchedule(short)), "mse")
        >>> gl.keras.resume(model, long, on_mismatch="replace")
        gl.Linear(0.1, 0.0, steps=20)
    """
    check_policy(on_mismatch)
    new = LearningRateSchedule(schedule)
    target = inner(optimizer_of(model, optimizer))
    saved = target._learning_rate
    if not isinstance(saved, LearningRateSchedule):
        raise ScheduleError(
            "resume: the optimizer must have been built with a gl.keras.LearningRateSchedule(...), "
            f"but its learning rate is {shown(saved)}"
        )
    # what Keras hands to a schedule: with gradient accumulation, batches
    step = int(plain(target._iterations))
    found = resumed(saved.schedule, new.schedule, step, on_mismatch, where="resume")
    if found != saved.schedule:
        target.learning_rate = LearningRateSchedule(found)
        model.train_function = None  # it may have been compiled with the other one
    return found


def refuse_own_rate(optimizer: Any, where: str) -> None:
    """Raise if an optimizer was built with anything but a number for its rate."""
    target = inner(optimizer)
    rate = target._learning_rate
    if isinstance(rate, keras.Variable):
        return
    kind = type(target).__name__
    bare = ""
    if isinstance(rate, Schedule):
        bare = f". In graph it would be keras.optimizers.{kind}(gl.keras.LearningRateSchedule(...))"
    raise ScheduleError(
        f"{where}: the optimizer was built with a schedule of its own, which already sets the rate "
        "in graph. Take this callback out, or build the optimizer with a number: "
        f"keras.optimizers.{kind}(0.01){bare}"
    )


def _instead_of(schedule: Any) -> str:
    """Return what to write instead of what is no schedule."""
    if isinstance(schedule, str):
        return (
            ". A text is read by gl.parse(text), and one with lengths in percent by "
            "gl.parse(text, gl.plan(steps=...)), for an optimizer does not know the run's length; "
            "LearningRateScheduler does"
        )
    if isinstance(schedule, OnPlateau):
        return ". A plateau observes metrics, which LearningRateScheduler gives it"
    return f". {FUNCTION}" if callable(schedule) else ""


def instead_of_steps(schedule: Any, optimizer: Any) -> str:
    """Return what to write instead of the callback."""
    try:
        LearningRateSchedule(schedule)  # it refuses what is none
    except ScheduleError:
        return FUNCTION
    target = inner(optimizer)
    each = target.gradient_accumulation_steps
    held_each = f"schedule.hold_each({each})" if each else "schedule"
    return (
        "Take this callback out and compile with optimizer=keras.optimizers."
        f"{type(target).__name__}(glissando.adapters.keras.LearningRateSchedule({held_each}))"
    )
