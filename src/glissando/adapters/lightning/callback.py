"""A callback that sets the rates of a Trainer's optimizers."""

from collections.abc import Sequence
from typing import Any

from glissando.adapters.lightning.base import (
    FollowedOptimizer,
    Follower,
    check,
    fitted,
)
from glissando.adapters.shared.conflicts import Reaction, check_reaction
from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.adapters.shared.resume import Policy, check_policy
from glissando.adapters.shared.run_length import Rate, tried
from glissando.adapters.torch import Scheduler
from glissando.errors import ScheduleError, shown


class LearningRateScheduler(Follower):
    """Set the learning rates of a Trainer's optimizers: `Trainer(callbacks=[...])`.

    The module's `configure_optimizers` stays as it is, and returns optimizers only. Each optimizer
    has a clock of its own: its update k uses `schedule(k)`, so that a GAN which trains one of two
    optimizers twice as often has both right, with automatic or manual optimization. What was said
    of counting and logging in `configure` holds here too. The positions are saved with the
    callback's state in the checkpoint.

    A second `fit` of the same Trainer goes on where the first one ended.

    If a plateau monitors a metric, put this before callbacks of your own that write checkpoints;
    Lightning's own come last in any order.

    Args:
        schedule: the schedule of the learning rate, or schedules by the name of what they set; see
            `glissando.torch.Scheduler`; or what fills the run, see `configure`. For several
            optimizers a list with one of these for each, in the order of `configure_optimizers`;
            None leaves an optimizer alone.
        groups: what is different in some parameter groups; see `glissando.torch.Scheduler`. A list
            where `schedule` is one, or `"relative"` or `"same"` for all optimizers.
        monitor: the name of the metric that plateaus monitor; see `configure`.
        on_conflict, on_mismatch, on_length: what to do about what is found wrong; see `configure`.

    Raises:
        ScheduleError: an argument breaks its rule; in `fit`: the number of optimizers is another,
            or `configure_optimizers` returned a scheduler for the same optimizer.

    Attributes:
        schedulers: the `glissando.torch.Scheduler` of each optimizer, from the begin of a fit on.

    Example:
        >>> import glissando as gl
        >>> from lightning.pytorch import Trainer
        >>> generator = gl.Linear(0.0, 2e-4, steps=100) >> gl.Constant(2e-4)
        >>> discriminator = gl.Cosine(4e-4, 0.0, steps=20_000)
        >>> trainer = Trainer(
        ...     callbacks=[gl.lightning.LearningRateScheduler([generator, discriminator])],
        ...     max_steps=30_000, accelerator="cpu", logger=False, enable_checkpointing=False,
        ... )
    """

    def __init__(
        self,
        schedule: Rate | Sequence[Rate | None],
        groups: Any = None,
        *,
        monitor: str | None = None,
        on_conflict: Reaction = "warn",
        on_mismatch: Policy = "raise",
        on_length: Reaction = "warn",
    ) -> None:
        super().__init__()
        self._several = isinstance(schedule, list | tuple)
        self._schedules: list[Any] = (
            list(schedule) if isinstance(schedule, list | tuple) else [schedule]
        )
        self._groups = self._by_optimizer(groups)
        given = [s for s in self._schedules if s is not None]
        if not given:
            raise ScheduleError(f"{_NAME}: `schedule` must hold a schedule, got {shown(schedule)}")
        known = [found for s in given if (found := tried(s, _NAME)) is not None]
        each = [ParamSchedules(schedules, _NAME) for schedules in known]
        if len(known) == len(given):  # or the metric is checked when all are known
            check(_NAME, each, monitor)
        check_reaction(on_length, f"{_NAME}: `on_length`")
        check_policy(on_mismatch)
        self.schedulers: list[Scheduler | None] = []
        self.monitor = monitor
        self._options: dict[str, Any] = {
            "on_length": on_length,
            "on_conflict": on_conflict,
            "on_mismatch": on_mismatch,
        }
        self._on_length = on_length
        self._loaded: list[Any] | None = None
        self._stage = "fit"

    def _by_optimizer(self, groups: Any) -> list[Any]:
        if groups is None or isinstance(groups, str):
            return [groups] * len(self._schedules)
        if not self._several:
            return [groups]
        if not isinstance(groups, list | tuple) or len(groups) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: `groups` must be a list of {len(self._schedules)}, as `schedule` is, "
                f"got {shown(groups)}"
            )
        return list(groups)

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Begin a fit: its optimizers are new ones."""
        super().setup(trainer, pl_module, stage)
        self._stage = stage
        if stage == "fit":
            self.schedulers = []

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Take over the optimizers, at the position of a checkpoint that was loaded."""
        optimizers = trainer.optimizers
        if len(optimizers) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: there are {len(optimizers)} optimizers, but schedules for "
                f"{len(self._schedules)}. Pass a list with one for each optimizer, in the order of "
                "configure_optimizers, and None for one to leave alone"
            )
        for config in trainer.lr_scheduler_configs:
            for optimizer, schedule in zip(optimizers, self._schedules, strict=True):
                if schedule is not None and config.scheduler.optimizer is optimizer:
                    raise ScheduleError(
                        f"{_NAME}: configure_optimizers gives this optimizer a scheduler of its "
                        f"own, a {type(config.scheduler).__name__}. Keep one owner: return only "
                        "the optimizer there, or take this callback out"
                    )
        followed = [
            None if rate is None else fitted(rate, trainer, pl_module, _NAME)
            for rate in self._schedules
        ]
        each = [ParamSchedules(schedules, _NAME) for schedules in followed if schedules is not None]
        check(_NAME, each, self.monitor)
        self.schedulers = [
            None if schedules is None else Scheduler(optimizer, schedules, groups, **self._options)
            for optimizer, schedules, groups in zip(optimizers, followed, self._groups, strict=True)
        ]
        self._optimizers = [
            None
            if s is None
            else FollowedOptimizer(s, self.monitor, self._on_length, self._options["on_conflict"])
            for s in self.schedulers
        ]
        states, self._loaded = self._loaded or self._earlier, None
        if states:
            self._load(states)

    def state_dict(self) -> dict[str, Any]:
        """Return the scheduler's state; for several optimizers `{"schedulers": [...]}`."""
        states = self._states() or self._loaded
        if not states:
            return {}
        return {"schedulers": states} if self._several else dict(states[0])

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state; before the optimizers are made, when they are.

        A checkpoint that is loaded to validate, test or predict changes nothing.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no state of this callback. Whatever is raised, nothing changed.
        """
        if self._stage != "fit":
            return
        states = state_dict.get("schedulers") if self._several else [state_dict]
        if not isinstance(states, list) or len(states) != len(self._schedules):
            raise ScheduleError(
                f"{_NAME}: the checkpoint was saved with {shown(list(state_dict))}, which is not "
                f"what schedules for {len(self._schedules)} optimizers save"
            )
        if self.schedulers:
            self._load(states)
        else:
            self._loaded = states

    def _load(self, states: list[Any]) -> None:
        before = self._states()
        try:
            for scheduler, state in zip(self.schedulers, states, strict=True):
                if (scheduler is None) != (state is None):
                    raise ScheduleError(
                        f"{_NAME}: the checkpoint was saved with other optimizers left alone"
                    )
                if scheduler is not None:
                    scheduler.load_state_dict(state)
        except ScheduleError:
            for scheduler, state in zip(self.schedulers, before, strict=True):
                if scheduler is not None:
                    scheduler.load_state_dict(state)
            raise


_NAME = "LearningRateScheduler"
