"""Transformers' `Trainer` follows a schedule: its scheduler is made of it."""

import warnings
from collections.abc import Mapping
from typing import Any

from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.early_stopping import compare_patience
from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.param_schedules import (
    ParamSchedules,
    by_name,
)
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import Rate, compare, for_run, needs_length, tried
from glissando.adapters.torch import Scheduler
from glissando.adapters.torch.groups import Groups
from glissando.errors import ScheduleError
from glissando.plateau import OnPlateau

with framework_of("transformers"):
    from transformers import EarlyStoppingCallback, Trainer, TrainerCallback
    from transformers.trainer_pt_utils import LayerWiseDummyOptimizer


def follow(
    trainer: Any,
    rate: Rate,
    groups: Groups = None,
    *,
    metric: str | None = None,
    on_length: Reaction = "warn",
    on_conflict: Reaction = "warn",
    on_mismatch: Policy = "raise",
) -> Any:
    """Make a `Trainer` follow a schedule, and return the trainer: `follow(trainer, rate).train()`.

    Update k of the optimizer uses `rate(k)`, whatever the number of processes and of accumulated
    batches. The trainer's `lr_scheduler` is then a `gl.torch.Scheduler`, made when training begins,
    instead of what `lr_scheduler_type`, `warmup_steps` and `learning_rate` of its arguments ask
    for; the trainer saves it, loads it and logs from it. The `learning_rate` that is logged is the
    one that the last update used.

    A checkpoint that holds a model only has no scheduler to load: the steps that the trainer
    itself counts from are then taken.

    Args:
        trainer: a `transformers.Trainer` or one of its kind, which has no scheduler yet.
        rate: a schedule, or schedules by the name of what they set, as for `gl.torch.Scheduler`,
            each perhaps on a plateau. Where the length of the run is to be filled, a text, also by
            name, `"linear(0, 1e-4, steps=3%) >> cosine(1e-4, 0, steps=rest)"`, or a function that
            takes the number of updates of the run: `lambda steps: gl.Cosine(1e-4, 0.0, steps)`.
        groups: what is different in some parameter groups, as for `gl.torch.Scheduler`.
        metric: the metric of the evaluations that a plateau monitors, with or without `"eval_"`; by
            default `metric_for_best_model` of the trainer's arguments, or else the loss.
        on_length: what to do if a schedule and the run end at different updates: `"warn"`,
            `"raise"` a `ScheduleError`, or `"ignore"` it. A schedule without an end fits any run.
        on_conflict: what to do when something else writes a scheduled value: see
            `gl.torch.Scheduler`; or an `EarlyStoppingCallback` ends training before a plateau
            lowers the rate.
        on_mismatch: what to do if the checkpoint to resume from was saved with another schedule:
            see `gl.torch.Scheduler.load_state_dict`.

    Raises:
        ScheduleError: an argument breaks its rule; the trainer has a scheduler of its own, or
            leaves the updates to DeepSpeed. Later, in `train()`: the optimizer does not count one
            update a step, or an evaluation lacks the plateau's metric.

    Example:
        >>> import tempfile, torch, transformers
        >>> import glissando as gl
        >>> class Model(torch.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.weight = torch.nn.Parameter(torch.zeros(1))
        ...     def forward(self, x):
        ...         return {"loss": (self.weight * x - 1).square().mean()}
        >>> args = transformers.TrainingArguments(
        ...     tempfile.mkdtemp(), max_steps=4, logging_steps=1, save_strategy="no",
        ...     report_to="none", use_cpu=True, disable_tqdm=True)
        >>> data = [{"x": torch.ones(1)}] * 32
        >>> trainer = transformers.Trainer(Model(), args, train_dataset=data)
        >>> _ = trainer.remove_callback(transformers.PrinterCallback)
        >>> _ = gl.transformers.follow(trainer, gl.Linear(0.5, 0.0, steps=4)).train()
        >>> [log["learning_rate"] for log in trainer.state.log_history if "loss" in log]
        [0.5, 0.375, 0.25, 0.125]
    """
    if not isinstance(trainer, Trainer):
        raise ScheduleError(f"follow: `trainer` must be a transformers.Trainer, got {trainer!r}")
    if (known := tried(rate, "follow")) is not None:
        ParamSchedules(known, "follow")  # raises now what would be raised in train()
    check_reaction(on_length, "follow: `on_length`")
    check_reaction(on_conflict, "follow: `on_conflict`")
    check_policy(on_mismatch)
    if trainer.is_deepspeed_enabled:
        raise ScheduleError(
            "follow: DeepSpeed does the updates of this trainer, with optimizers of its own that "
            "do not say how many they have done"
        )
    mine = isinstance(getattr(trainer.create_scheduler, "__self__", None), _Follower)
    if trainer.lr_scheduler is not None and not mine:
        raise ScheduleError(
            "follow: the trainer has a scheduler already. Build it with optimizers=(optimizer, "
            "None), and call follow before train()"
        )
    follower = _Follower(
        trainer,
        rate,
        {"groups": groups, "on_conflict": on_conflict, "on_mismatch": on_mismatch},
        metric,
        on_length,
    )
    trainer.remove_callback(_Follower)
    trainer.add_callback(follower)
    trainer.create_scheduler = follower.create_scheduler
    return trainer


class _Follower(TrainerCallback):  # type: ignore[misc]  # transformers is not followed by mypy
    """Makes the trainer's scheduler, checks what it counts, and gives it the metrics."""

    def __init__(
        self,
        trainer: Any,
        rate: Any,
        options: dict[str, Any],
        metric: str | None,
        on_length: Reaction,
    ) -> None:
        self.trainer = trainer
        self.rate = rate
        self.options = options
        self.metric = metric
        self.on_length = on_length
        self.done = 0
        self.updated = False  # since training began

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Stand in for the trainer's method: each training begins with a scheduler of its own."""
        optimizer = self.trainer.optimizer if optimizer is None else optimizer
        if isinstance(getattr(optimizer, "optimizer", optimizer), LayerWiseDummyOptimizer):
            raise ScheduleError(
                "follow: a layer-wise optimizer updates in the backward pass, where no schedule "
                f"reaches it; got optim={str(self.trainer.args.optim)!r}"
            )
        rate = self.rate
        if needs_length(rate):
            rate = for_run(rate, num_training_steps, "follow")
        # the lengths are compared when training begins
        self.trainer.lr_scheduler = Scheduler(optimizer, rate, on_length="ignore", **self.options)
        return self.trainer.lr_scheduler

    def on_train_begin(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        scheduler = self.trainer.lr_scheduler
        if state.global_step and not scheduler.last_epoch:  # no scheduler in the checkpoint
            scheduler.load_state_dict(scheduler.state_dict() | {"last_epoch": state.global_step})
        self.done = scheduler.last_epoch
        self.updated = False
        compare(
            by_name(scheduler.schedule),
            state.max_steps,
            "follow",
            self.on_length,
            "Pass a function of the number of updates: lambda steps: ...",
            first=state.is_world_process_zero,
        )
        for callback in self.trainer.callback_handler.callbacks:
            if isinstance(callback, EarlyStoppingCallback) and self._name(args) == _full(
                args.metric_for_best_model
            ):
                compare_patience(
                    by_name(scheduler.schedule),
                    callback.early_stopping_patience,
                    "follow",
                    self.options["on_conflict"],
                    stopper="EarlyStoppingCallback",
                    first=state.is_world_process_zero,
                )
        if _monitors(scheduler) and args.eval_strategy == "no" and state.is_world_process_zero:
            warnings.warn(
                "follow: the plateau has no metric to monitor, since eval_strategy is 'no'",
                stacklevel=2,
            )

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        done, self.done = self.done, self.trainer.lr_scheduler.last_epoch
        self.updated = True
        counted = self.done - done
        may_skip = self.trainer.accelerator.scaler is not None
        if counted != 1 and not (counted == 0 and may_skip):
            raise ScheduleError(
                f"follow: step {state.global_step} of the trainer was {counted} updates of its "
                f"optimizer (optim={str(self.trainer.args.optim)!r}): no schedule can be followed "
                "with this one"
            )

    def on_evaluate(
        self, args: Any, _state: Any, _control: Any, metrics: Mapping[str, Any], **_: Any
    ) -> None:
        scheduler = self.trainer.lr_scheduler
        # neither evaluate() of the user's own, nor the evaluation before training
        if not (self.trainer.is_in_train and self.updated) or not _monitors(scheduler):
            return
        name = self._name(args)
        if name in metrics:
            scheduler.step(metrics[name])
        elif self._lacks(name, metrics):
            raise ScheduleError(
                f"follow: the plateau needs the metric {name!r}, but the evaluation gave "
                f"{', '.join(metrics)}; name one by `metric`"
            )

    def _name(self, args: Any) -> str:
        """Return the name of the metric that plateaus monitor."""
        return _full(self.metric or args.metric_for_best_model)

    def _lacks(self, name: str, metrics: Mapping[str, Any]) -> bool:
        """Return whether these metrics are those that should have `name`."""
        data = self.trainer.eval_dataset
        prefixes = [f"eval_{part}_" for part in data] if isinstance(data, Mapping) else ["eval_"]
        own = tuple(prefix for prefix in prefixes if name.startswith(prefix))
        return not own or any(key.startswith(own) for key in metrics)


def _full(name: str | None) -> str:
    """Return the name that a metric has in an evaluation; by default that of the loss."""
    name = name or "loss"
    return name if name.startswith("eval_") else f"eval_{name}"


def _monitors(scheduler: Scheduler) -> bool:
    """Return whether one of the schedules is on a plateau."""
    return any(isinstance(value, OnPlateau) for value in by_name(scheduler.schedule).values())
