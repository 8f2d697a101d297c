"""A study's training function, made of a `Trainer` of Transformers."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from glissando.adapters.shared.frameworks import framework_of
from glissando.adapters.shared.train_function import (
    WHERE,
    Report,
    Run,
    TrainFunction,
    must_be_function,
)
from glissando.adapters.torch.groups import Groups
from glissando.adapters.transformers.follow import follow
from glissando.errors import ScheduleError, one_of, shown
from glissando.finder import random_state

with framework_of("transformers"):
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
    from transformers.trainer_utils import get_last_checkpoint

_MAKE = "lambda args: transformers.Trainer(model, args, train_dataset=..., eval_dataset=...)"

_OURS = (
    "output_dir",
    "max_steps",
    "num_train_epochs",
    "seed",
    "data_seed",
    "eval_strategy",
    "eval_steps",
    "save_strategy",
    "learning_rate",
    "lr_scheduler_type",
    "warmup_steps",
    "warmup_ratio",
)
"""The arguments that the study decides on."""

_QUIET = {"report_to": "none", "disable_tqdm": True, "logging_strategy": "no"}


def train_function(
    make_trainer: Callable[[Any], Any],
    *,
    metric: str = "eval_loss",
    every: int | None = None,
    groups: Groups = None,
    **arguments: Any,
) -> TrainFunction:
    """Make a study's training function of a `Trainer` of Transformers.

    The trainer follows the schedule by `gl.transformers.follow`: update k uses `schedule(k)`. The
    order of the data is drawn from the seed alone. A checkpoint is one of the trainer's own, from
    which it goes on, also in the middle of an epoch.

    Args:
        make_trainer: a function of `TrainingArguments` that makes the model and the trainer and
            returns the trainer. The random generators are seeded when it is called.
        metric: what the schedules are compared by, of the evaluation's, such as "eval_loss".
        every: after how many updates to evaluate; by default a twentieth of the run. A plateau
            observes these results.
        groups: what is different in some parameter groups, as for `gl.torch.Scheduler`.
        arguments: what else the `TrainingArguments` get, such as `per_device_train_batch_size`.
            Length, seeds, rates, evaluations and checkpoints are the study's.

    Returns:
        The function `train(schedule, seed, resume, report)`.

    Raises:
        ScheduleError: an argument breaks its rule. Later, in the training: `make_trainer` returns
            no trainer with these arguments, or there is no such metric.

    Example:
        >>> import torch, transformers
        >>> import glissando as gl
        >>> class Model(torch.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.weight = torch.nn.Parameter(torch.zeros(1))
        ...     def forward(self, x, labels):
        ...         return {"loss": (self.weight * x - labels).square().mean()}
        >>> data = [{"x": torch.ones(1), "labels": torch.ones(1)}] * 32
        >>> def make_trainer(args):
        ...     return transformers.Trainer(Model(), args, train_dataset=data, eval_dataset=data)
        >>> train = gl.transformers.train_function(make_trainer, use_cpu=True)
        >>> train(gl.Constant(1e-3, steps=4)) < train(gl.Constant(1e-4, steps=4))
        True
    """
    must_be_function(make_trainer, "make_trainer", _MAKE)
    for name in arguments:
        if name in _OURS:
            raise ScheduleError(
                f"{WHERE}: `{name}` is the study's to decide: leave it out of the arguments"
            )
    return _Function(make_trainer, metric, every, groups, arguments)


class _Function(TrainFunction):
    """What `train_function` returns."""

    framework = "transformers"

    def __init__(
        self,
        make_trainer: Callable[[Any], Any],
        metric: str,
        every: int | None,
        groups: Groups,
        arguments: Mapping[str, Any],
    ) -> None:
        super().__init__(make_trainer, every, metric=metric, **arguments)
        self.make_trainer = make_trainer
        self.metric = metric
        self.groups = groups
        self.arguments = arguments

    def _train(self, run: Run, resume: Path | None, report: Report) -> float:
        with TemporaryDirectory() as folder:
            trainer = self._made(run, folder)
            follow(trainer, run.schedule, self.groups, metric=self.metric, on_mismatch="replace")
            reporter = _Reporter(trainer, run, self.metric, report)
            trainer.add_callback(reporter)
            trainer.evaluate = reporter.evaluate
            last = None if resume is None else _last(resume)
            if last is not None and int(last.rpartition("-")[2]) >= run.steps:
                trainer._load_from_checkpoint(last)  # to train would be one update more
                trainer.evaluate()
            else:
                trainer.train(resume_from_checkpoint=last)
            return reporter.results[-1]

    def _made(self, run: Run, folder: str) -> Any:
        """Return a trainer for a run."""
        options = {
            "output_dir": folder,
            "max_steps": run.steps,
            "seed": run.seed,
            "data_seed": run.seed,
            "eval_strategy": "steps",
            "eval_steps": run.every,
            "save_strategy": "no",
        }
        args = TrainingArguments(**_QUIET | dict(self.arguments) | options)
        trainer = self.make_trainer(args)
        if not isinstance(trainer, Trainer) or trainer.args.max_steps != run.steps:
            raise ScheduleError(
                f"{WHERE}: `make_trainer` must return a transformers.Trainer with the arguments "
                f"that it is given, such as {_MAKE}, got {shown(trainer)}"
            )
        trainer.remove_callback(PrinterCallback)
        return trainer


class _Reporter(TrainerCallback):  # type: ignore[misc]  # transformers is not followed by mypy
    """Reports each update and each evaluation.

    Args:
        trainer: the trainer.
        run: what it is asked for.
        metric: what is reported of an evaluation.
        report: what is called.
    """

    def __init__(self, trainer: Any, run: Run, metric: str, report: Report) -> None:
        self.trainer = trainer
        self.run = run
        self.metric = metric
        self.report = report
        self.results: list[float] = []
        self._evaluate = trainer.evaluate

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Report an update, unless its evaluation follows."""
        control.should_evaluate = self.run.observed_at(state.global_step)
        if not control.should_evaluate:
            self.report(state.global_step, save=self._save)
        return control

    def evaluate(self, *args: Any, **options: Any) -> Any:
        """Evaluate as the trainer does, and report it when plateaus have observed it."""
        with random_state.kept():  # or dropout would depend on how often there is one
            metrics = self._evaluate(*args, **options)
        one_of(self.metric, list(metrics), f"{WHERE}: `metric`")
        result = float(metrics[self.metric])
        self.results.append(result)
        if self.trainer.is_in_train:
            self.report(self.trainer.state.global_step, result, save=self._save)
            if math.isnan(result):
                self.trainer.control.should_training_stop = True
        return metrics

    def _save(self, folder: Path) -> None:
        """Write a checkpoint, as the trainer does in its own folder."""
        args = self.trainer.args
        own, args.output_dir = args.output_dir, str(folder)
        try:
            self.trainer._save_checkpoint(self.trainer.model, trial=None)
        finally:
            args.output_dir = own


def _last(folder: Path) -> str:
    """Return the trainer's checkpoint in a folder."""
    found = get_last_checkpoint(str(folder))
    if found is None:
        raise ScheduleError(
            f"{WHERE}: `resume` must be a folder that this function saved a checkpoint in, but "
            f"{str(folder)!r} has none of a Trainer"
        )
    return str(found)
