"""PyTorch-Ignite follows a schedule: a handler for the trainer's engine."""

from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import Any

from glissando.adapters import torch
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.param_schedules import ParamSchedules, bare, by_name
from glissando.adapters.shared.resume import Policy
from glissando.adapters.shared.run_length import NOMINAL, Rate, compare, for_run, needs_length
from glissando.adapters.torch.groups import Groups
from glissando.adapters.torch.slot import as_float, parsed
from glissando.errors import ScheduleError, shown
from glissando.rules import COUNT

with framework_of("ignite"):
    from ignite.engine import Engine, Events
    from ignite.handlers import EarlyStopping


class Scheduler(torch.Scheduler):
    """Set the learning rate, and any other hyperparameter, while an Ignite engine trains.

    It is a `glissando.torch.Scheduler`, which says what is counted, with the methods of Ignite's
    own schedulers. Update k of the optimizer uses `schedule(k)`: not the engine's iterations are
    counted, but the optimizer's updates, so that gradient accumulation in the engine's function, a
    `GradScaler` that skipped an update and several updates in one iteration come out right.

    Hand it to Ignite's `Checkpoint` in `to_save`, and to `Checkpoint.load_objects`.

    Args:
        optimizer: the optimizer; also a wrapper that holds it as `optimizer`.
        schedule: the schedule of the learning rate, or schedules by the name of what they set.
            To fill the run of the engine that this is attached to, a text, also by name, such as
            `"linear(0, 1e-3, steps=3%) >> cosine(1e-3, 0, steps=rest)"`, or a function that takes
            the number of its updates: `lambda steps: gl.Cosine(1e-3, 0.0, steps)`.
        groups: what is different in some parameter groups.
        save_history: whether each event appends the values that its update is to use, of every
            parameter group, to `engine.state.param_history`, by their names.
        options: the others; see `glissando.torch.Scheduler`.

    Raises:
        ScheduleError: an argument breaks its rule; see `glissando.torch.Scheduler`.

    Example:
        >>> import torch
        >>> from ignite.engine import Engine
        >>> import glissando as gl
        >>> weight = torch.nn.Parameter(torch.zeros(1))
        >>> optimizer = torch.optim.SGD([weight])
        >>> def update(engine, batch):
        ...     weight.grad = torch.ones(1)
        ...     optimizer.step()
        >>> trainer = Engine(update)
        >>> scheduler = gl.ignite.Scheduler(
        ...     optimizer, gl.Linear(0.5, 0.0, steps=4), save_history=True
        ... )
        >>> scheduler.attach(trainer)
        >>> state = trainer.run(range(3))
        >>> state.param_history["lr"], weight.item()
        ([[0.5], [0.375], [0.25]], -1.125)
    """

    def __init__(
        self,
        optimizer: Any,
        schedule: Rate,
        groups: Groups = None,
        *,
        save_history: bool = False,
        **options: Any,
    ) -> None:
        # what needs the length of the run stands for one of any length until it is known
        self._filled = needs_length(schedule)
        known: Any = for_run(schedule, NOMINAL, "Scheduler") if self._filled else schedule
        super().__init__(optimizer, known, groups, **options)
        self.save_history = save_history
        self._on_length = self.on_length
        self._pace: _Pace | None = None
        self._evaluators: list[Engine] = []
        self._loaded: tuple[Any, Policy | None] | None = None
        self._rate = schedule if self._filled else None
        if self._rate is not None:
            self._refusal = self._target.register_step_pre_hook(partial(_refuse, shown(schedule)))

    def attach(
        self, engine: Engine, event: Any = None, *, gradient_accumulation_steps: int = 1
    ) -> None:
        """Write, and record, the values at an event of the trainer's engine.

        They are right without it, too: this is for who reads them at that event, as
        `OptimizerParamsHandler` does, and for `param_history`. With `unit="epoch"` each event ends
        an epoch, and it takes this; so does a schedule that is made for the length of the run.

        The length of the schedule is compared with that of the run, after a few updates: they tell
        how many iterations are one.

        Args:
            engine: the trainer's engine.
            event: by default the begin of an iteration, or of an epoch with `unit="epoch"`.
            gradient_accumulation_steps: how many iterations are an update, where a schedule is
                made for the length of the run.
        """
        if event is None:
            event = Events.EPOCH_STARTED if self.unit == "epoch" else Events.ITERATION_STARTED
        # an iteration may make several updates, which is no sign of a schedule over epochs
        self.expect_several(expected="EPOCH" not in getattr(event, "name", ""))
        each = int(COUNT.check(gradient_accumulation_steps, "attach: gradient_accumulation_steps"))
        if not engine.has_event_handler(self._begin, Events.STARTED):
            engine.add_event_handler(Events.STARTED, self._begin, max(1, each))
            engine.add_event_handler(Events.ITERATION_COMPLETED, self._measure)
        engine.add_event_handler(event, self)

    def _begin(self, engine: Engine, each: int) -> None:
        """Make what is followed as long as the run, or compare their lengths."""
        length = _epochs(engine) if self.unit == "epoch" else _iterations(engine)
        if self._rate is not None:
            if length is None:
                raise ScheduleError(
                    "Scheduler: the engine does not know how long it runs; pass epoch_length to "
                    f"run(), or a schedule with its steps instead of {shown(self._rate)}"
                )
            self._fill(length if self.unit == "epoch" else length // each)
        for evaluator in self._evaluators:
            self._compare_patience(evaluator)
        self._evaluators = []
        if self.unit == "epoch" and length is not None:
            self._compare(length, length, "epochs")
        self._pace = _Pace() if self.unit == "step" and length is not None else None

    def _fill(self, steps: int) -> None:
        """Follow what is made for a run of so many steps."""
        followed = ParamSchedules(for_run(self._rate, steps, "Scheduler"), "Scheduler")
        self._go_on(followed, 0)
        if self._loaded is not None:
            super().load_state_dict(*self._loaded)
        self._rate = self._loaded = None
        self._refusal.remove()

    def _measure(self, engine: Engine) -> None:
        """Compare the lengths when it is known how many updates the iterations make."""
        if self._pace is None or not self._pace.steady(engine.state.iteration, self.last_epoch):
            return
        iterations, updates = self._pace.last
        self._pace = None
        left = _iterations(engine) - engine.state.iteration
        steps = self.last_epoch + left * updates // iterations
        # the last update of an epoch may take fewer iterations
        self._compare(steps, steps + (_epochs(engine) or 1) * (iterations > 1), "updates")
        if self._driver.loop.expects_several:
            self.on_length = "ignore"  # it would find out later, and tell it again

    def _compare(self, least: int, most: int, unit: str) -> None:
        """Compare the lengths of the schedules with that of a run between two lengths."""
        named = by_name(self.schedule)
        compare(
            {n: one for n, one in named.items() if not least <= bare(one).steps <= most},
            least,
            "Scheduler",
            self._on_length,
            "Pass gradient_accumulation_steps to attach()"
            if self._filled
            else f"Build it with steps={least}, or take schedule.stretch({least})",
            unit=unit,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` takes; see `glissando.torch.Scheduler`."""
        state: dict[str, Any] = super().state_dict() if self._loaded is None else self._loaded[0]
        return state

    def load_state_dict(self, state: Mapping[str, Any], on_mismatch: Policy | None = None) -> None:
        """Go on from a saved state: at once, or when the engine begins, if it takes its length.

        Args:
            state: what `state_dict` returned.
            on_mismatch: what to do if it was saved with another schedule.

        Raises:
            ScheduleError: see `glissando.torch.Scheduler.load_state_dict`.
        """
        if self._rate is None:
            super().load_state_dict(state, on_mismatch)
        else:
            self._loaded = state, on_mismatch

    def __call__(self, engine: Engine | None, name: str | None = None) -> None:
        """Write, and record, the values of the update to come; `name` is that of the record."""
        self.step()
        if not self.save_history or engine is None:
            return
        if getattr(engine.state, "param_history", None) is None:
            engine.state.param_history = {}
        groups = self._target.param_groups
        for path in self._schedules.names:
            key, item = parsed(path)
            found = [group[key] if item is None else group[key][item] for group in groups]
            values = [as_float(value) for value in found]
            engine.state.param_history.setdefault(name or path, []).append(values)

    def monitor(self, evaluator: Engine, metric: str, event: Any = Events.COMPLETED) -> None:
        """Let the plateaus observe a metric of an evaluator's engine each time that it has run.

        Run the evaluator before the checkpoint is written, by the order of the trainer's handlers.

        Args:
            evaluator: the engine whose `state.metrics` has the metric.
            metric: its name there.
            event: when to observe it.

        Raises:
            ScheduleError: no schedule is on a plateau; at the event: there is no such metric.
        """
        self._schedules.check_monitors(f"the metric {metric!r}")
        self._evaluators.append(evaluator)
        evaluator.add_event_handler(event, self._observe, metric)

    def _compare_patience(self, evaluator: Engine) -> None:
        """Report an `EarlyStopping` of an evaluator that stops before a plateau lowers the rate."""
        handlers = chain.from_iterable(evaluator._event_handlers.values())
        for handler in dict.fromkeys(_plain(handler) for handler, *_ in handlers):
            if isinstance(handler, EarlyStopping):
                compare_patience(
                    by_name(self.schedule),
                    handler.patience,
                    "Scheduler",
                    self._driver.conflicts.reaction,
                )

    def _observe(self, evaluator: Engine, metric: str) -> None:
        if evaluator in self._evaluators:  # it is not attached to the trainer
            self._evaluators.remove(evaluator)
            self._compare_patience(evaluator)
        if metric not in evaluator.state.metrics:
            raise ScheduleError(
                f"Scheduler: the evaluator has no metric {metric!r}, only "
                f"{shown(list(evaluator.state.metrics))}"
            )
        self.step(evaluator.state.metrics[metric])


class _Pace:
    """How many updates the iterations make, once they do so three times in a row."""

    def __init__(self) -> None:
        self.last = (0, 0)  # the iterations and the updates between the last two that updated
        self._same = 0
        self._at: tuple[int, int] | None = None  # the iteration of an update, and the updates then

    def steady(self, iteration: int, done: int) -> bool:
        """Take note of an iteration; return whether `last` is what one can go by."""
        if self._at is None:
            self._at = iteration, done
        if done == self._at[1]:
            return False
        found = iteration - self._at[0], done - self._at[1]
        self._same = self._same + 1 if found == self.last else 1
        self._at, self.last = (iteration, done), found
        return self._same == _IN_A_ROW


_IN_A_ROW = 3


def _iterations(engine: Engine) -> Any:
    """Return how many iterations a run has, or None where that is not known."""
    state = engine.state
    if state.max_iters is not None:
        return state.max_iters
    known = state.epoch_length is not None and state.max_epochs is not None
    return state.epoch_length * state.max_epochs if known else None


def _epochs(engine: Engine) -> Any:
    """Return how many epochs a run has, or None where that is not known."""
    state = engine.state
    if state.max_epochs is not None:
        return state.max_epochs
    return None if state.epoch_length is None else -(-state.max_iters // state.epoch_length)


def _refuse(rate: str, *_: Any) -> None:
    raise ScheduleError(
        f"Scheduler: {rate} is made for the length of an engine's run, and none has begun before "
        "this update: attach() the Scheduler to the trainer's engine"
    )


def _plain(handler: Any) -> Any:
    """Return a handler that an event calls only now and then as it was given."""
    given = getattr(handler, "_parent", None)
    return handler if given is None else given()
