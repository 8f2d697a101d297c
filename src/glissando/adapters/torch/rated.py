"""An optimizer that makes updates at rates that are tried."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from glissando.adapters.torch.driver import Driver
from glissando.adapters.torch.groups import called
from glissando.adapters.torch.slot import as_float, numeric
from glissando.adapters.torch.wrappers import levels, mirror
from glissando.errors import ScheduleError, shown


class Rated:
    """An optimizer, with what wraps it, and the rates of its groups.

    Args:
        optimizer: the optimizer.

    Raises:
        ScheduleError: it is none, or one that asks for the loss again and again; or a group has no
            rate.
    """

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer
        self.levels = levels(optimizer, "Training: `optimizers`")
        self.target = self.levels[-1]
        self.scaler = getattr(optimizer, "scaler", None)  # Accelerate's has one, and uses it
        self.unscaled = optimizer if self.scaler is None else self.target  # by that scaler
        self.updated = False
        self._wanted = (0.0, 1.0)
        closure = inspect.signature(optimizer.step).parameters.get("closure")
        if closure is not None and closure.default is closure.empty:
            raise ScheduleError(
                f"Training: {type(optimizer).__name__} of `optimizers` asks for the loss several "
                "times an update, so that there is no one rate at which it makes it: give "
                "gl.find_rate a function step(rate) of your own"
            )
        self.built = self._rates("lr")
        if not any(self.built):  # in the first update of a warm-up
            self.built = self._rates("initial_lr")

    def _rates(self, key: str) -> list[float]:
        rates = [group.get(key, group.get("lr")) for group in self.target.param_groups]
        for index, rate in enumerate(rates):
            if not numeric(rate):
                group = called(index, self.target.param_groups[index])
                raise ScheduleError(
                    f"Training: {group} of {type(self.target).__name__} must have a rate, as "
                    f"`lr`, got {shown(rate)}"
                )
        return [as_float(rate) for rate in rates]

    @contextmanager
    def at(self, rate: float, largest: float) -> Iterator[None]:
        """Within this, a group that was built with the rate `largest` uses `rate`.

        Whatever else writes rates before an update comes too early. Schedulers of ours rest.
        """
        before, after = (
            self.target._optimizer_step_pre_hooks,
            self.target._optimizer_step_post_hooks,
        )
        saved = [(hooks, dict(hooks)) for hooks in (before, after)]
        self.updated = False
        self._wanted = (rate, largest)
        self._write()
        try:
            for hooks, all_ in saved:
                _fill(hooks, {key: hook for key, hook in all_.items() if not _is_ours(hook)})
            before["glissando"] = self._before_update  # the last of them
            yield
        finally:
            for hooks, all_ in saved:
                _fill(hooks, all_)

    def _before_update(self, *_: Any) -> None:
        self.updated = True
        self._write()

    def _write(self) -> None:
        rate, largest = self._wanted
        for group, built in zip(self.target.param_groups, self.built, strict=True):
            value = rate if built == largest else rate * (built / largest)
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(value)
            else:
                group["lr"] = value
        for outer in self.levels[:-1]:
            mirror(outer, self.target, {"lr"})


def _is_ours(hook: Any) -> bool:
    return isinstance(getattr(hook, "__self__", None), Driver)


def _fill(hooks: Any, wanted: dict[Any, Any]) -> None:
    hooks.clear()
    hooks.update(wanted)
