"""The callback that sets the optimizer's learning rate, and other hyperparameters, in `fit`."""

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import keras

from glissando.adapters.keras.hyperparameters import LEARNING_RATE, Hyperparameters
from glissando.adapters.keras.in_graph import instead_of_steps
from glissando.adapters.keras.optimizers import inner, label, optimizer_of, updates
from glissando.adapters.keras.other_callbacks import OtherCallbacks
from glissando.adapters.keras.progress import (
    epochs_before,
    remember_epochs,
    remember_updates,
    updates_before,
)
from glissando.adapters.keras.rate_source import RateSource
from glissando.adapters.keras.saved_state import saved_state_of
from glissando.adapters.keras.verbose import VerboseLog
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.param_schedules import Schedules
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, ScheduleMismatch, check_policy
from glissando.errors import ScheduleError, one_of

_NAME = "LearningRateScheduler"


class LearningRateScheduler(Resumable, keras.callbacks.Callback):  # type: ignore[misc]
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

    Only what is scheduled is written, and always set, never multiplied. When something else writes
    it too, that is reported where it is first seen, and the schedule's value is set again; a
    second callback made to own the rate (Keras's `LearningRateScheduler` or `ReduceLROnPlateau`,
    or another of these) is refused when training begins.

    What the plateaus remember, and the schedule, are saved with the optimizer. When
    `BackupAndRestore` or `model.load_weights` brings them back, training goes on from there; if
    they were saved under another schedule, `on_mismatch` says what to do. A state that is loaded by
    `load_state_dict` is where the next `fit` begins, unless a backup is restored in it.

    Args:
        schedule: a glissando schedule; one on a plateau, `gl.Plateau(...).on(schedule)`; several
            by the name of what they set, `{"learning_rate": a, "weight_decay": b}`; or any function
            `f(step) -> rate` (the epoch's index for `unit="epoch"`), or `f(epoch, rate) -> rate`
            with two arguments that have no default, as Keras's own callback takes it: `rate` is
            what the optimizer holds. A rate is a finite number of 0 or more. Any float that the
            optimizer was built with can be set; on TensorFlow and JAX the model's step is compiled
            anew for that when a `fit` begins and when it ends.
        unit: what a step of the schedule is: `"epoch"` or `"step"`, an update of the optimizer.
        verbose: 1 prints one line an epoch, 0 none.
        monitor: the metric, in the logs of an epoch, that a plateau observes at the epoch's end.
        optimizer: which optimizer to drive in a model that has several, with one callback for
            each: the name of the model's attribute, the optimizer's own name, or the optimizer.
            The logs then say `<name>_learning_rate`.
        on_conflict: what to do when something else wrote what is scheduled: `"warn"` once a fit,
            `"raise"` a `ScheduleError`, or `"ignore"` it.
        on_mismatch: what to do with a restored state of another schedule; see
            `glissando.ScheduleMismatch`.

    Raises:
        ScheduleError: an argument breaks its rule; in `fit`: it is not clear which optimizer is
            meant; the optimizer was built with a schedule; two callbacks own the rate;
            `unit="step"` with `steps_per_execution` above 1, where a callback cannot reach; a
            hyperparameter is not in use or cannot change; a callback that saves the model stands
            before this one, which follows a plateau; the function returned no rate. What the
            function raises comes through as it is.
        ScheduleMismatch: in `fit`: a state of another schedule was restored.

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

    __module__ = "glissando.adapters.keras"

    def __init__(
        self,
        schedule: Schedules | Callable[..., Any],
        unit: Literal["epoch", "step"] = "epoch",
        verbose: int = 0,
        *,
        monitor: str = "val_loss",
        optimizer: Any = None,
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
    ) -> None:
        super().__init__()
        one_of(unit, ("epoch", "step"), f"{_NAME}: `unit`")
        check_reaction(on_conflict, f"{_NAME}: `on_conflict`")
        check_policy(on_mismatch)
        self._schedules: RateSource = RateSource(schedule, _NAME)
        self.schedule = schedule
        self.unit = unit
        self.verbose = verbose
        self.monitor = monitor
        self.optimizer = optimizer
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch = on_mismatch
        # Keras may then hand over the end of a batch later, and need not wait for the device
        self.async_safe = unit == "epoch"
        self._epoch = 0
        self._loaded: int | None = None  # the step of a state that was loaded by hand
        self._done = 0  # epochs, or updates before the optimizer's own
        self._hyperparameters: Hyperparameters
        self._others: OtherCallbacks
        self._forget()

    def _forget(self) -> None:
        self._holds: dict[str, float] = {}  # what the optimizer held when last looked at
        # what was done before: updates before the optimizer's own count, epochs before this fit
        self._offset: int | None = None
        self._log = VerboseLog(self.verbose)
        self._begun = 0  # one more than the last epoch or update that a value was set for
        self._missed = False  # the metric was not there, and that was reported

    @property
    def names(self) -> list[str]:
        """What is set in the optimizer."""
        return self._schedules.names

    def driven(self) -> Any:
        """Return the optimizer that this callback drives."""
        return optimizer_of(self.model, self.optimizer)

    def saved(self) -> dict[str, Any] | None:
        """Return what is saved with the optimizer."""
        if self._schedules.function:
            return None  # it is not to be called at steps that training did not reach
        return {"unit": self.unit, "offset": self._offset or 0, **self.state_dict()}

    def set_model(self, model: Any) -> None:
        """Let what is restored in `fit` be found, in whatever order the callbacks stand."""
        super().set_model(model)
        with suppress(ScheduleError):  # to be raised when training begins, if it does
            saved_state_of(inner(optimizer_of(model, self.optimizer)))

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse what cannot come out right, before the first update."""
        self._forget()
        optimizer = self.driven()
        if LEARNING_RATE in self.names and not isinstance(
            inner(optimizer)._learning_rate, keras.Variable
        ):
            raise ScheduleError(
                f"{_NAME}: the optimizer was built with a schedule of its own, which "
                "already sets the rate in graph. Take this callback out, or build the optimizer "
                f"with a number: keras.optimizers.{type(inner(optimizer)).__name__}(0.01)"
            )
        executed = self.model.steps_per_execution
        if self.unit == "step" and executed > 1:
            instead = instead_of_steps(self.schedule, optimizer)
            raise ScheduleError(
                f"{_NAME}: unit='step' cannot reach inside an execution of "
                f"steps_per_execution={executed} updates. {instead}"
            )
        self._others = OtherCallbacks(self, self._schedules, optimizer, self.on_conflict)
        self._join(saved_state_of(inner(optimizer)).join(self))
        self._target = optimizer
        self._hyperparameters = Hyperparameters(self.model, optimizer, self.names)
        name = label(self.model, self.optimizer)
        self._prefix = f"{name}_" if name else ""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the epoch's rate, or find the step that training stands at."""
        self._log.end(self._epoch)
        self._epoch = epoch
        optimizer = self._optimizer()
        if self._offset is None:
            self._offset = self._begin(optimizer, epoch)
        if self.unit == "epoch":
            at = self._done = self._offset + epoch
            self._look(f"before epoch {epoch}")
            self._set(at)
            more = f" (epoch {at + 1} in all)" if self._offset else ""
            self._log.begin(epoch, more, self._used(self._holds))

    def _begin(self, optimizer: Any, epoch: int) -> int:
        """Return what is to be added to Keras's epoch, or to the optimizer's count of updates."""
        own = epoch if self.unit == "epoch" else updates(optimizer)
        restored = bool(getattr(self.model, "_initial_epoch", None))
        steps: int | None = (self.params or {}).get("steps")
        loaded, self._loaded = self._loaded, None
        state = saved_state_of(inner(optimizer)).take(self.names)
        source = "optimizer.iterations"
        if state is not None and (restored or loaded is None):
            if self.unit == "epoch" and restored:
                # saved at an epoch's end, perhaps before this callback knew of that
                state["step"] = state["offset"] + epoch
            offset = self._go_on_from(state)
            if self.unit == "epoch" and not restored:  # it is not the fit that it was saved in
                offset = 0 if epoch else state["step"]
        elif loaded is not None and not restored:
            offset, source = loaded - own, "load_state_dict"
        elif self.unit == "epoch":
            offset = epochs_before(optimizer, epoch, steps)
        else:
            offset = updates_before(optimizer, epoch, steps, restored=restored)
            source = "initial_epoch" if offset else source
        if self.unit == "step":
            remember_updates(optimizer, offset)
            self._log.start(offset + own, source)
        return offset

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the update's rate."""
        if self.unit == "epoch":
            # Once an epoch is enough to meet a callback that wrote after this one.
            if batch == 0:
                wanted = self._holds
                if self._look(f"in epoch {self._epoch}") != wanted:
                    self._write(wanted, self._done)
            return
        self._step = (self._offset or 0) + updates(self._optimizer())
        self._look(f"before step {self._step}")
        self._set(self._step)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Put the rate used into the batch's logs."""
        if self.unit == "step":
            used = self._look(f"in step {self._step}")
            self._log.step(self._step, self._used(used))
        if logs is not None:
            logs |= self._used(self._holds)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs, and let plateaus observe its metric."""
        if self.unit == "epoch":
            used = self._used(self._look(f"in epoch {epoch}"))
            self._done = (self._offset or 0) + epoch + 1
            remember_epochs(self._optimizer(), self._done)
        elif self._log.last is not None:
            used = self._log.last  # not what the optimizer holds, if data ran out after a begin
        else:
            return
        if self._schedules.monitors_metric:
            self._observe(logs or {})
        if logs is not None:
            logs |= used

    def on_train_end(self, logs: Any = None) -> None:
        """Print the last epoch's line."""
        self._log.end(self._epoch)
        self._hyperparameters.release()

    def _optimizer(self) -> Any:
        """Return the optimizer, with its present state."""
        _ = self.model  # on JAX, asking for the model brings its state back
        return self._target

    def _steps_done(self) -> int:
        if self._loaded is not None:
            return self._loaded
        if self.unit == "step" and self._offset is not None:
            return self._offset + updates(self._optimizer())
        return self._done

    def _steps_begun(self) -> int:
        done = self._steps_done()
        return done if self._loaded is not None else max(done, self._begun)

    def _go_on(self, schedules: Any, step: int) -> None:
        self._schedules, self._loaded = schedules, step

    def _join(self, last: Any) -> None:
        """Go on with what the optimizer's last callback knew."""
        if last is self or self._loaded is not None:
            return
        self._schedules = self._schedules.anew()
        if last is None or last.unit != self.unit or self._schedules.function:
            return
        # nothing was restored: a second fit may follow whatever it likes
        with suppress(ScheduleMismatch):
            if not last._schedules.function:
                self._schedules.load_state_dict(last.state_dict(), self.on_mismatch)

    def _go_on_from(self, state: dict[str, Any]) -> int:
        """Follow the schedules of a restored state, and return the offset of its fit."""
        state = dict(state)
        unit, offset = state.pop("unit"), int(state.pop("offset"))
        if unit != self.unit:
            raise ScheduleError(
                f"{_NAME}: the restored state was saved with unit={unit!r}, but `unit` is "
                f"{self.unit!r}"
            )
        self._schedules.load_state_dict(state, self.on_mismatch)
        if self.names != [each.name for each in self._hyperparameters.all]:  # those that were kept
            self._hyperparameters.release()
            self._hyperparameters = Hyperparameters(self.model, self._target, self.names)
        return offset

    def _set(self, step: int) -> None:
        value, target = self._schedules.value, self._optimizer()
        self._write({name: value(name, step, self.unit, target) for name in self.names}, step)
        self._begun = step + 1

    def _write(self, values: dict[str, float], step: int) -> None:
        for each in self._hyperparameters.all:
            each.set(values[each.name], f"{self.unit} {step}")
            self._holds[each.name] = each.get()

    def _look(self, when: str) -> dict[str, float]:
        """Return what the optimizer holds; report it if this callback did not set it."""
        _ = self.model  # on JAX, asking for the model brings its state back
        expected = self._holds
        self._holds = {each.name: each.get() for each in self._hyperparameters.all}
        self._others.compare(self._holds, expected, when)
        return dict(self._holds)

    def _observe(self, logs: dict[str, Any]) -> None:
        """Let the plateaus observe the epoch's metric."""
        metric = logs.get(self.monitor)
        if metric is not None:
            self._schedules.observe(metric, self._steps_done())
        elif not self._missed:
            self._missed = True
            warnings.warn(
                f"{_NAME}: the plateau needs `monitor`={self.monitor!r}, which is not among the "
                f"metrics of this epoch: {', '.join(logs)}",
                stacklevel=2,
            )

    def _used(self, values: dict[str, float]) -> dict[str, float]:
        return {self._prefix + name: value for name, value in values.items()}
