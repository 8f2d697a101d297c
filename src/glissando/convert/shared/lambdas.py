"""Functions of a `LambdaLR` that are known: those of Transformers, and schedules."""

from functools import partial
from typing import Any

from glissando.dialects import transformers
from glissando.errors import ScheduleError
from glissando.families import Constant
from glissando.schedule import Schedule

KNOWN = {
    "_get_constant_lambda": transformers.get_constant_schedule,
    "_get_constant_schedule_with_warmup_lr_lambda": transformers.get_constant_schedule_with_warmup,
    "_get_cosine_schedule_with_warmup_lr_lambda": transformers.get_cosine_schedule_with_warmup,
    "_get_cosine_with_hard_restarts_schedule_with_warmup_lr_lambda": (
        transformers.get_cosine_with_hard_restarts_schedule_with_warmup
    ),
    "_get_cosine_with_min_lr_schedule_with_warmup_lr_rate_lambda": (
        transformers.get_cosine_with_min_lr_schedule_with_warmup_lr_rate
    ),
    "_get_inverse_sqrt_schedule_lr_lambda": transformers.get_inverse_sqrt_schedule,
    "_get_linear_schedule_with_warmup_lr_lambda": transformers.get_linear_schedule_with_warmup,
    "_get_polynomial_decay_schedule_with_warmup_lr_lambda": (
        transformers.get_polynomial_decay_schedule_with_warmup
    ),
    "_get_wsd_scheduler_lambda": transformers.get_wsd_schedule,
}
"""The functions of Transformers, and the dialect's functions with the same curves."""


def curve_of(function: Any, lr: float) -> Schedule:
    """Return the schedule of `lr` times a known function of the step.

    Raises:
        ScheduleError: it is another function, or a state that does not hold it.
    """
    if isinstance(function, Schedule):
        return function * lr
    if function is None or isinstance(function, dict):
        raise ScheduleError(
            "torch.LambdaLR: the function is not in its state: read the scheduler itself, or the "
            "arguments of the run, such as training arguments"
        )
    plain = function.func if isinstance(function, partial) else function
    name, module = getattr(plain, "__name__", ""), getattr(plain, "__module__", "") or ""
    if not module.startswith("transformers.") or name not in KNOWN:
        called = getattr(plain, "__qualname__", type(plain).__name__)
        raise ScheduleError(
            f"torch.LambdaLR: `lr_lambda` is {called}, a function of your own, which has no "
            "formula to be read: `gl.schedule` makes a schedule of it"
        )
    arguments = dict(function.keywords) if isinstance(function, partial) else {}
    return _of_transformers(name, arguments, lr)


def _of_transformers(name: str, arguments: dict[str, Any], lr: float) -> Schedule:
    make: Any = KNOWN[name]
    if "min_lr_rate" in arguments and make is transformers.get_cosine_schedule_with_warmup:
        make = transformers.get_cosine_with_min_lr_schedule_with_warmup
    if "lr_init" in arguments:  # the end is a share of the optimizer's default rate
        first = float(arguments.pop("lr_init"))
        curve: Schedule = make(**arguments, lr=first)
        return curve if lr == first else curve * (lr / first)
    if lr == 0:
        return Constant(0.0)
    return make(**arguments, lr=lr)  # type: ignore[no-any-return]
