"""The weights of the best metric, which come back when a plateau lowers the rate."""

import copy
import math
import warnings
from collections.abc import Mapping
from typing import Any

import torch

from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.errors import ScheduleError, shown
from glissando.plateau import OnPlateau, number


class BestWeights:
    """Keeps the weights of the best metric so far, in the memory of the CPU.

    Args:
        models: a module, or several; in general anything with `state_dict` and `load_state_dict`.
        schedules: what is followed, one of them on a plateau.

    Raises:
        ScheduleError: nothing is on a plateau, or `models` is something else.
    """

    def __init__(self, models: Any, schedules: ParamSchedules) -> None:
        if not schedules.monitors_metric:
            raise ScheduleError(
                "Scheduler: `restore_best` needs a schedule on a plateau: put one on by "
                "gl.Plateau(...).on(schedule)"
            )
        self.models = list(models) if isinstance(models, list | tuple) else [models]
        for model in self.models:
            if isinstance(model, type) or not (
                hasattr(model, "state_dict") and hasattr(model, "load_state_dict")
            ):
                raise ScheduleError(
                    "Scheduler: `restore_best` must be a model, or a list of models, whose "
                    f"weights are to come back, got {shown(model)}"
                )
        self.metric: float | None = None
        self._keep()

    def observe(self, before: ParamSchedules, after: ParamSchedules, metric: float) -> None:
        """Keep the weights if `metric` is the best, or bring the best back if the rate fell.

        Args:
            before: the schedules before they observed the metric.
            after: the schedules now.
            metric: what they observed.
        """
        fell = any(after.states[name].factor < old.factor for name, old in before.states.items())
        if self._improves(after, metric):
            self.metric = metric
            self._keep()
        elif fell and self.metric is not None:
            for model, saved in zip(self.models, self.saved, strict=True):
                # others than modules may go on with the very tensors that they are given
                whole = isinstance(model, torch.nn.Module)
                model.load_state_dict(saved if whole else _copied(saved))

    def _improves(self, schedules: ParamSchedules, metric: float) -> bool:
        if not math.isfinite(metric) or self.metric is None:
            return math.isfinite(metric)
        followed = next(v for v in schedules.followed.values() if isinstance(v, OnPlateau))
        return metric > self.metric if followed.plateau.mode == "max" else metric < self.metric

    def _keep(self) -> None:
        self.saved = [_copied(model.state_dict()) for model in self.models]

    def state_dict(self) -> dict[str, Any]:
        """Return the best metric, and the weights then."""
        return {"metric": self.metric, "weights": self.saved}

    def read(self, state: Any) -> tuple[float | None, list[Any]] | None:
        """Return what `go_on` needs from what `state_dict` returned; of None nothing.

        Raises:
            ScheduleError: it is something else.
        """
        if state is None:
            return None
        state = state if isinstance(state, Mapping) else {}
        metric, saved = state.get("metric"), state.get("weights")
        if not isinstance(saved, list) or len(saved) != len(self.models):
            raise ScheduleError(
                f"Scheduler: the saved state must have the weights of {len(self.models)} models "
                f"for `restore_best`, got {shown(saved)}"
            )
        if metric is not None:
            metric = number(metric, "Scheduler: the best metric in the saved state")
        return metric, [_copied(weights) for weights in saved]

    def go_on(self, found: tuple[float | None, list[Any]] | None) -> None:
        """Go on from what was read, or look for the best anew if that was nothing."""
        if found is not None:
            self.metric, self.saved = found
            return
        self.metric = None
        warnings.warn(
            "Scheduler: the saved state was written without restore_best, and has no best "
            "weights: the best is looked for anew from here on",
            stacklevel=3,
        )


def _copied(value: Any) -> Any:
    """Return a copy of what a `state_dict` returned, with its tensors on the CPU."""
    if isinstance(value, torch.Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, Mapping):
        return {key: _copied(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_copied(entry) for entry in value)
    return copy.deepcopy(value)
