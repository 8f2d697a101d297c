"""The schedule inside the optimizer, what logs its rate, and how it is resumed."""

from typing import Any

import keras

from glissando.adapters.keras.optimizers import inner, label, optimizer_of, plain
from glissando.adapters.shared.resume import Policy, check_policy, resumed
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text import from_data
from glissando.text.permissions import imports_of

FUNCTION = (
    "A function of your own cannot run in graph: use LearningRateScheduler(f, unit='step') with "
    "steps_per_execution=1, or build the curve from families, such as "
    "gl.Linear(...) >> gl.Cosine(...)"
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

    __module__ = "glissando.adapters.keras"

    def __init__(self, schedule: Schedule) -> None:
        if not isinstance(schedule, Schedule):
            raise ScheduleError(
                f"LearningRateSchedule: `schedule` must be a glissando schedule, got "
                f"{shown(schedule)}" + (f". {FUNCTION}" if callable(schedule) else "")
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
        return cls(from_data(config["schedule"]))


class LearningRateLogger(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Log the rate of an optimizer that computes its own, as `learning_rate` of each epoch.

    Keras's `History` does not have the rate of an optimizer built with a schedule, glissando's or
    any other. This callback adds the one that the epoch's last update used, at no cost per batch.
    It must stand before other callbacks that read the logs. (`keras.callbacks.TensorBoard` reads
    the optimizer itself when the epoch is over: for an optimizer built with a schedule its curve
    `epoch_learning_rate` is the rate of the next update.)

    Args:
        optimizer: which one, in a model that has several: see `LearningRateScheduler`.

    Raises:
        ScheduleError: in `fit`: it is not clear which optimizer is meant.

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

    def __init__(self, optimizer: Any = None) -> None:
        super().__init__()
        self.optimizer = optimizer

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse a model whose optimizer is not clear."""
        optimizer_of(self.model, self.optimizer)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs."""
        optimizer = inner(optimizer_of(self.model, self.optimizer))
        rate = optimizer.learning_rate
        if isinstance(optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            # The optimizer gives the next update's rate, and only here how it counts.
            last = keras.ops.maximum(optimizer._iterations - 1, 0)
            rate = optimizer._learning_rate(last)
        if logs is not None:
            name = label(self.model, self.optimizer)
            logs[f"{name}_learning_rate" if name else "learning_rate"] = float(plain(rate))


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
            "resume: the optimizer must have been built with a glissando LearningRateSchedule, "
            f"but its learning rate is {shown(saved)}"
        )
    # what Keras hands to a schedule: with gradient accumulation, batches
    step = int(plain(target._iterations))
    found = resumed(saved.schedule, new.schedule, step, on_mismatch, where="resume")
    if found != saved.schedule:
        target.learning_rate = LearningRateSchedule(found)
        model.train_function = None  # it may have been compiled with the other one
    return found


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
