"""PyTorch-Ignite follows a schedule: a handler for the trainer's engine."""

from typing import Any

from ignite.engine import Engine, Events

from glissando.adapters import torch
from glissando.adapters.shared.param_schedules import Schedules
from glissando.adapters.torch.driver import Groups
from glissando.adapters.torch.slot import as_float, parsed
from glissando.errors import ScheduleError, shown


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
        groups: what is different in some parameter groups.
        save_history: whether each event appends the values that its update is to use, of every
            parameter group, to `engine.state.param_history`, by their names.
        options: `on_conflict` and `on_mismatch`; see `glissando.torch.Scheduler`.

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
        schedule: Schedules,
        groups: Groups = None,
        *,
        save_history: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(optimizer, schedule, groups, **options)
        self.save_history = save_history

    def attach(self, engine: Engine, event: Any = Events.ITERATION_STARTED) -> None:
        """Write, and record, the values at an event of the trainer's engine.

        They are right without it, too: this is for who reads them at that event, as
        `OptimizerParamsHandler` does, and for `param_history`.
        """
        engine.add_event_handler(event, self)

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
        evaluator.add_event_handler(event, self._observe, metric)

    def _observe(self, evaluator: Engine, metric: str) -> None:
        if metric not in evaluator.state.metrics:
            raise ScheduleError(
                f"Scheduler: the evaluator has no metric {metric!r}, only "
                f"{shown(list(evaluator.state.metrics))}"
            )
        self.step(evaluator.state.metrics[metric])
