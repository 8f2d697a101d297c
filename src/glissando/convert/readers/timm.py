"""The `args.yaml` that timm's train.py writes beside its checkpoints."""

from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.dialects import timm
from glissando.errors import ScheduleError, one_of, shown
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    keys = {"sched", "opt", "warmup_lr", "epochs"}
    return 1.0 if keys <= set(document.data) else 0.0


@reader("timm", _knows)
def read_args(document: Document, given: Given) -> Schedule:
    """Return the rate that timm's train.py uses, update by update."""
    args = dict(document.data)
    by_updates = bool(args.get("sched_on_updates"))
    lr = _peak(args, given)
    if args.get("sched") == "none":
        return timm.create_scheduler(args, lr=lr)
    given.need("timm", "steps_per_epoch")
    each = given.steps_per_epoch or 1
    if by_updates:
        return timm.create_scheduler(args, each, lr=lr)
    return timm.create_scheduler(args, lr=lr).hold_each(each)


def _peak(args: dict[str, Any], given: Given) -> float:
    """Return the optimizer's rate: `lr`, or `lr_base` scaled by the samples of an update."""
    if args.get("lr") is not None:
        return _number(args, "lr")
    if given.batch_size is None and "batch_size" not in args:
        given.need("timm", "batch_size")
    given.need("timm", "world_size")
    batch = given.batch_size or _number(args, "batch_size")
    accumulation = given.accumulation or _number(args, "grad_accum_steps", 1)
    ratio = batch * (given.world_size or 1) * accumulation / _number(args, "lr_base_size", 256)
    scale = args.get("lr_base_scale") or _scale_of(str(args.get("opt")))
    one_of(scale, ("linear", "sqrt"), "timm: `lr_base_scale`")
    return _number(args, "lr_base", 0.1) * (ratio**0.5 if scale == "sqrt" else ratio)


def _scale_of(optimizer: str) -> str:
    """Return how the rate of an optimizer is scaled where nothing is said."""
    return "sqrt" if any(part in optimizer.lower() for part in ("ada", "lamb")) else "linear"


def _number(args: dict[str, Any], key: str, default: float | None = None) -> float:
    value = args.get(key)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ScheduleError(f"timm: `{key}` must be a number above 0, got {shown(value)}")
    return value
