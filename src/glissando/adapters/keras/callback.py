"""The callback that sets the optimizer's learning rate, and other hyperparameters, in `fit`."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from glissando.adapters.keras.best_weights import BestWeights
from glissando.adapters.keras.follower import NAME, Follower
from glissando.adapters.keras.in_graph import (
    LearningRateSchedule,
    instead_of_steps,
    refuse_own_rate,
)
from glissando.adapters.keras.length import RunLength
from glissando.adapters.keras.optimizers import LEARNING_RATE, updates
from glissando.adapters.keras.progress import remember_epochs
from glissando.adapters.keras.rate_source import RateSource
from glissando.adapters.keras.variables import check_variables
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import Written
from glissando.errors import ScheduleError, one_of
from glissando.rules import Flag


class LearningRateScheduler(Follower):
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

    A schedule that does not fit the length of the fit, or whose unit seems to be the other one, is
    told with the numbers as soon as they are known: when training begins, or after the first epoch
    where the data, or a `train_step` of your own, do not say before how many updates it makes.

    Outside of `fit`, in a loop of your own, call `set_model(model)`, and then `on_epoch_begin`,
    `on_train_batch_begin`, `on_train_batch_end` and `on_epoch_end` as Keras would.

    Args:
        schedule: a glissando schedule; one on a plateau, `gl.Plateau(...).on(schedule)`; a text
            form, whose lengths may be in percent of the run, as in `"linear(0, 0.1, steps=5%) >>
            cosine(0.1, 0, steps=rest)"`; several of these by the name of what they set,
            `{"learning_rate": a, "weight_decay": b}`; or any function `f(step) -> rate` (the
            epoch's index for `unit="epoch"`), or `f(epoch, rate) -> rate` with two arguments that
            have no default, as Keras's own callback takes it: `rate` is what the optimizer holds.
            A rate is a finite number of 0 or more. Any float that the optimizer was built with can
            be set; on TensorFlow and JAX the model's step is compiled anew for that when a `fit`
            begins and when it ends.
        unit: what a step of the schedule is: `"epoch"` or `"step"`, an update of the optimizer.
        verbose: 1 prints one line an epoch, 0 none.
        monitor: the metric, in the logs of an epoch, that a plateau observes at the epoch's end.
        optimizer: which optimizer to drive in a model that has several, with one callback for
            each: the name of the model's attribute, the optimizer's own name, or the optimizer.
            The logs then say `<name>_learning_rate`.
        variables: variables of your own to set beside the optimizer's numbers, by a name that has a
            schedule: `{"kl": variable}`, such as the weight of a loss. Each is a
            `keras.Variable(0.0, trainable=False)`; on JAX it is an attribute of the model or of one
            of its layers, which alone a compiled step reads anew.
        restore_best: whether the model goes back to the weights of the best epoch, by `monitor`,
            when a plateau lowers a rate. The optimizer's own variables, such as momentum, stay.
            The best weights are saved with the optimizer, as the plateau's state is.
        on_conflict: what to do when something else wrote what is scheduled, or when an
            `EarlyStopping` ends training before a plateau would lower the rate: `"warn"` once a
            fit, `"raise"` a `ScheduleError`, or `"ignore"` it.
        on_mismatch: what to do with a restored state of another schedule; see
            `glissando.ScheduleMismatch`.
        on_length: what to do about a schedule that does not fit the length of the fit: `"warn"`
            once, `"raise"` a `ScheduleError`, or `"ignore"` it.

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
        schedule: Written | Callable[..., Any],
        unit: Literal["epoch", "step"] = "epoch",
        verbose: int = 0,
        *,
        monitor: str = "val_loss",
        optimizer: Any = None,
        variables: Mapping[str, Any] | None = None,
        restore_best: bool = False,
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
        on_length: Reaction = "warn",
    ) -> None:
        one_of(unit, ("epoch", "step"), f"{NAME}: `unit`")
        check_reaction(on_conflict, f"{NAME}: `on_conflict`")
        check_reaction(on_length, f"{NAME}: `on_length`")
        check_policy(on_mismatch)
        if isinstance(schedule, LearningRateSchedule):
            schedule = schedule.schedule
        source = RateSource(schedule, NAME)
        best = Flag().check(restore_best, f"{NAME}: `restore_best`")
        if best and not source.monitors_metric:
            raise ScheduleError(
                f"{NAME}: `restore_best` goes by a plateau, but {source} has none: put the "
                "schedule on one, as gl.Plateau(...).on(schedule)"
            )
        own = check_variables(variables, source.names)
        super().__init__(
            source,
            unit=unit,
            verbose=verbose,
            monitor=monitor,
            optimizer=optimizer,
            variables=own,
            best=BestWeights() if best else None,
            length=RunLength(NAME, on_length, may_end=own),
            on_conflict=on_conflict,
            on_mismatch=on_mismatch,
        )
        # Keras may then hand over the end of a batch later, and need not wait for the device
        self.async_safe = unit == "epoch"

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse what cannot come out right, before the first update."""
        self._forget()
        optimizer = self.driven()
        if LEARNING_RATE in self.names:
            refuse_own_rate(optimizer, NAME)
        executed = self.model.steps_per_execution
        if self.unit == "step" and executed > 1:
            instead = instead_of_steps(self.schedule, optimizer)
            raise ScheduleError(
                f"{NAME}: unit='step' cannot reach inside an execution of "
                f"steps_per_execution={executed} updates. {instead}"
            )
        self._prepare()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the epoch's rate, or find the step that training stands at."""
        if self._target is None:  # in a loop of the user's own
            self.on_train_begin()
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

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Set the update's rate."""
        if self._target is None or self._offset is None:  # in a loop of the user's own
            self.on_epoch_begin(self._epoch)
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
        self._updating = True

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Put the rate used into the batch's logs."""
        if self._offset is None:  # nothing was set
            return
        if self.unit == "step":
            used = self._look(f"in step {self._step}")
            self._log.step(self._step, self._used(used))
            self._updating = False
        if logs is not None:
            logs |= self._used(self._holds)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the last rate used into the epoch's logs, and let plateaus observe its metric."""
        if self._offset is None:  # nothing was set
            return
        self._length.epoch_over(self._schedules.followed, self._optimizer())
        if self.unit == "epoch":
            used = self._used(self._look(f"in epoch {epoch}"))
            self._done = (self._offset or 0) + epoch + 1
            remember_epochs(self._optimizer(), self._done)
        elif self._log.last is not None:
            used = self._log.last
        else:
            return
        if self._updating:  # the data ran out: JAX takes back what was set for that batch
            self._updating, self._holds = False, {}
        if self._schedules.monitors_metric:
            self._observe(logs or {})
        if logs is not None:
            logs |= used

    def on_train_end(self, logs: Any = None) -> None:
        """Print the last epoch's line."""
        self._log.end(self._epoch)
        if self._target is not None:
            self._hyperparameters.release()
