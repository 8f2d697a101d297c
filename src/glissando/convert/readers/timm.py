"""The `args.yaml` that timm's train.py writes beside its checkpoints."""

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared.fields import Fields
from glissando.dialects import timm
from glissando.errors import ScheduleError, one_of
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    keys = {"sched", "opt", "warmup_lr", "epochs"}
    return 1.0 if keys <= set(document.data) else 0.0


@reader("timm", _knows)
def read_args(document: Document, given: Given) -> Schedule:
    """Return the rate that timm's train.py uses, update by update."""
    fields = Fields("timm", document.data)
    args = dict(document.data)
    by_updates = fields.flag("sched_on_updates")
    lr = _peak(fields, given)
    if args.get("sched") == "none":
        return timm.create_scheduler(args, lr=lr)
    given.need("timm", "steps_per_epoch")
    each = given.steps_per_epoch or 1
    if by_updates:
        return timm.create_scheduler(args, each, lr=lr)
    return timm.create_scheduler(args, lr=lr).hold_each(each)


def _peak(fields: Fields, given: Given) -> float:
    """Return the optimizer's rate: `lr`, or `lr_base` scaled by the samples of an update."""
    if fields.has("lr"):
        return float(fields.number("lr"))
    given.need("timm", "world_size")
    batch = given.batch_size or fields.number("batch_size")
    accumulation = given.accumulation or fields.number("grad_accum_steps", 1)
    size = fields.number("lr_base_size", 256)
    if not size:
        raise ScheduleError("timm: `lr_base_size` must be above 0, got 0")
    ratio = batch * (given.world_size or 1) * accumulation / size
    scale = fields.text("lr_base_scale", "") or _scale_of(fields.text("opt"))
    one_of(scale, ("linear", "sqrt"), "timm: `lr_base_scale`")
    return float(fields.number("lr_base", 0.1) * (ratio**0.5 if scale == "sqrt" else ratio))


def _scale_of(optimizer: str) -> str:
    """Return how the rate of an optimizer is scaled where nothing is said."""
    return "sqrt" if any(part in optimizer.lower() for part in ("ada", "lamb")) else "linear"
