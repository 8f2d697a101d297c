"""What a callback that follows schedules knows: where training stands, and what was set."""

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import keras

from glissando.adapters.keras.best_weights import BestWeights
from glissando.adapters.keras.hyperparameters import Hyperparameters
from glissando.adapters.keras.length import RunLength, fit_of, one_update_a_batch
from glissando.adapters.keras.optimizers import inner, label, optimizer_of, updates
from glissando.adapters.keras.other_callbacks import OtherCallbacks
from glissando.adapters.keras.progress import epochs_before, remember_updates, updates_before
from glissando.adapters.keras.rate_source import RateSource
from glissando.adapters.keras.saved_state import saved_state_of
from glissando.adapters.keras.verbose import VerboseLog
from glissando.adapters.shared.conflicts import Reaction
from glissando.adapters.shared.resumable import Resumable
from glissando.adapters.shared.resume import Policy, ScheduleMismatch
from glissando.errors import ScheduleError

NAME = "LearningRateScheduler"


class Follower(Resumable, keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """A callback that sets what its schedules say; Keras's hooks are in the subclass.

    Args:
        source: what it follows.
        unit: what a step is, "epoch" or "step".
        verbose: 1 prints one line an epoch.
        monitor: the metric that plateaus observe.
        optimizer: which optimizer to drive; None for the model's only one.
        variables: variables of the user's own, by name.
        best: what keeps the best weights, or None.
        length: what compares the schedules with the fits.
        on_conflict: what to do when something else wrote what is scheduled.
        on_mismatch: what to do with a restored state of another schedule.
    """

    def __init__(
        self,
        source: RateSource,
        *,
        unit: str,
        verbose: int,
        monitor: str,
        optimizer: Any,
        variables: Mapping[str, Any],
        best: BestWeights | None,
        length: RunLength,
        on_conflict: Reaction,
        on_mismatch: Policy,
    ) -> None:
        super().__init__()
        self._schedules: RateSource = source
        self.schedule = source.given
        self.unit = unit
        self.verbose = verbose
        self.monitor = monitor
        self.optimizer = optimizer
        self.variables = variables
        self.on_conflict: Reaction = on_conflict
        self.on_mismatch = on_mismatch
        self._best = best
        self._length = length
        self._loaded: int | None = None  # the step of a state that was loaded by hand
        self._done = 0  # epochs, or updates before the optimizer's own
        self._target: Any = None  # the optimizer, from the beginning of training
        self._hyperparameters: Hyperparameters
        self._others: OtherCallbacks
        self._forget()

    def _forget(self) -> None:
        self._epoch = 0
        self._holds: dict[str, float] = {}  # what the optimizer held when last looked at
        # what was done before: updates before the optimizer's own count, epochs before this fit
        self._offset: int | None = None
        self._last: Follower | None = None  # the optimizer's callback before this one
        self._log = VerboseLog(self.verbose)
        self._begun = 0  # one more than the last epoch or update that a value was set for
        self._updating = False  # whether a batch has begun and not ended
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
        if self._schedules.function or not self._schedules.known:
            return None  # a function is not to be called at steps that training did not reach
        return {"unit": self.unit, "offset": self._offset or 0, **self.state_dict()}

    def best_weights(self) -> dict[str, list[Any]]:
        """Return the weights that are saved with the optimizer, by what their plateau moves."""
        return self._best.weights if self._best else {}

    def set_model(self, model: Any) -> None:
        """Let what is restored in `fit` be found, in whatever order the callbacks stand."""
        super().set_model(model)
        self._target = None
        with suppress(ScheduleError):  # to be raised when training begins, if it does
            saved_state_of(inner(optimizer_of(model, self.optimizer)))

    def _prepare(self) -> None:
        """Find out what there is to drive, before the first update."""
        optimizer = self.driven()
        self._others = OtherCallbacks(self, self._schedules, optimizer, self.on_conflict)
        last = saved_state_of(inner(optimizer)).join(self)
        if last is not self and self._loaded is None:
            self._schedules, self._last = self._schedules.anew(), last
            if self._best:
                self._best = BestWeights()
        self._hyperparameters = self._of(optimizer)
        self._target = optimizer
        name = label(self.model, self.optimizer)
        self._prefix = f"{name}_" if name else ""

    def _of(self, optimizer: Any) -> Hyperparameters:
        return Hyperparameters(self.model, optimizer, self.names, self.variables)

    def _begin(self, optimizer: Any, epoch: int) -> int:
        """Return what is to be added to Keras's epoch, or to the optimizer's count of updates."""
        own = epoch if self.unit == "epoch" else updates(optimizer)
        restored = bool(getattr(self.model, "_initial_epoch", None))
        steps: int | None = (self.params or {}).get("steps")
        loaded, self._loaded = self._loaded, None
        state = saved_state_of(inner(optimizer)).take(self.names, self.on_mismatch)
        if loaded is not None and not restored:
            state = None
        source = "optimizer.iterations"
        if state is not None:
            offset = self._offset_of(state, epoch, restored=restored)
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
        self._settle(optimizer, offset, epoch, state)
        return offset

    def _offset_of(self, state: dict[str, Any], epoch: int, *, restored: bool) -> int:
        """Return the offset in a restored state, whose step is that of this fit from now on."""
        if state["unit"] != self.unit:
            raise ScheduleError(
                f"{NAME}: the restored state was saved with unit={state['unit']!r}, but `unit` is "
                f"{self.unit!r}"
            )
        offset = int(state["offset"])
        if self.unit == "step":
            return offset
        if restored:
            # saved at an epoch's end, perhaps before this callback knew of that
            state["step"] = offset + epoch
            return offset
        return 0 if epoch else int(state["step"])  # it is not the fit that it was saved in

    def _settle(
        self, optimizer: Any, offset: int, epoch: int, state: dict[str, Any] | None
    ) -> None:
        """Find out what is followed from here on, and whether it fits the length of this fit."""
        fit = fit_of(self.unit, optimizer, offset, epoch, self.params)
        if self._schedules.counts_run:
            if fit.end is None:
                raise ScheduleError(
                    f"{self._schedules} counts in percent of the run, whose number of updates is "
                    "not known for this data. Pass steps_per_epoch=... to fit"
                )
            self._schedules = self._schedules.for_run_of(fit.end)
            self.schedule = self._schedules.schedule
        last, self._last = self._last, None
        if last is not None:
            self._go_on_after(last)
        if state is not None:
            own = {key: state[key] for key in state if key not in ("unit", "offset", "best")}
            self._schedules.load_state_dict(own, self.on_mismatch)
            if self._best:
                self._best.load(self.model, state["best"])
        if self.names != [each.name for each in self._hyperparameters.all]:  # those that were kept
            self._hyperparameters.release()
            self._hyperparameters = self._of(optimizer)
        if self._best:
            self._best.check(self._schedules.states)
        if not one_update_a_batch(self.model):
            fit = replace(fit, batches=None)
        self._length.begin(self._schedules.followed, fit, sure=not self._others.may_stop)

    def _go_on_after(self, last: "Follower") -> None:
        """Go on with what the optimizer's last callback knew."""
        theirs, mine = last._schedules, self._schedules
        if last.unit != self.unit or mine.function or theirs.function or not theirs.known:
            return
        # nothing was restored: a second fit may follow whatever it likes
        with suppress(ScheduleMismatch):
            mine.load_state_dict(last.state_dict(), self.on_mismatch)
            if self._best and last._best:
                self._best = last._best

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

    def _set(self, step: int) -> None:
        self._length.reach(self._schedules.followed, step)
        value, target = self._schedules.value, self._optimizer()
        self._write({name: value(name, step, self.unit, target) for name in self.names}, step)
        self._begun = step + 1

    def _write(self, values: dict[str, float], step: int) -> None:
        for each in self._hyperparameters.all:
            each.set(values[each.name], f"{self.unit} {step}")
            self._holds[each.name] = each.get()

    def _write_again(self) -> None:
        for each in self._hyperparameters.all:
            if each.name in self._holds:
                each.set(self._holds[each.name], f"{self.unit} {self._begun}")

    def _look(self, when: str) -> dict[str, float]:
        """Return what the optimizer holds; report it if this callback did not set it."""
        _ = self.model  # on JAX, asking for the model brings its state back
        expected = self._holds
        self._holds = {each.name: each.get() for each in self._hyperparameters.all}
        self._others.compare(self._holds, expected, when)
        return dict(self._holds)

    def _observe(self, logs: Mapping[str, Any]) -> None:
        """Let the plateaus observe the epoch's metric."""
        metric = logs.get(self.monitor)
        if metric is not None:
            before = self._schedules.states
            self._schedules.observe(metric, self._steps_done())
            if self._best and self._best.observed(self.model, before, self._schedules.states):
                self._log.went_back(self._epoch)
                self._write_again()  # a variable may be among the weights
        elif not self._missed:
            self._missed = True
            warnings.warn(
                f"{NAME}: the plateau needs `monitor`={self.monitor!r}, which is not among the "
                f"metrics of this epoch: {', '.join(logs)}",
                stacklevel=2,
            )

    def _used(self, values: Mapping[str, float]) -> dict[str, float]:
        return {
            name if name in self.variables else self._prefix + name: value
            for name, value in values.items()
        }

    def __repr__(self) -> str:
        """Return what is followed, and the step that training stands at."""
        source = self._schedules
        what = source.spelled() if source.function or not source.known else repr(source.schedule)
        return f"{NAME}({what}, unit={self.unit!r}, step={self._steps_done()})"
