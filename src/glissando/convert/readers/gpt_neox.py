"""GPT-NeoX: its YAML and JSON files.

The first update has the rate of the second one; before April 2026 it had 0, which is what a
`framework_version` such as "2025.1", a date, says.
"""

import math
from fractions import Fraction

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects.shared.curves import by_updates, later
from glissando.errors import ScheduleError
from glissando.families import Constant, CosineWave, Exponential, Linear
from glissando.schedule import Schedule

OWN = ("train_micro_batch_size_per_gpu", "pipe_parallel_size", "train_iters", "lr_decay_style")
FIXED = (2026, 4)
"""When the first update got a rate."""

HALF = 0.693
"""What it has for the logarithm of 2."""


def _keys(document: Document) -> Keys:
    """Return the keys, which may have hyphens."""
    return Keys("gpt-neox", {str(k).replace("-", "_"): v for k, v in document.data.items()})


def _knows(document: Document) -> float:
    keys = _keys(document).data
    optimizer = keys.get("optimizer")
    if not isinstance(optimizer, dict) or "params" not in optimizer:
        return 0.0
    return 0.3 * min(3, sum(name in keys for name in OWN))


@reader("gpt-neox", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = _keys(document)
    optimizer = keys.section("optimizer")
    if str(optimizer.get("type")).lower() == "onebitadam":
        raise optimizer.refuse("type", "DeepSpeed makes its schedule; read that file")
    steps = _length(keys, given)
    peak, floor = optimizer.section("params").number("lr", 0.001), keys.number("min_lr", 0.0)
    warmup = Fraction(keys.number("warmup", 0.01) * steps).limit_denominator(1000)
    if not 0 <= warmup < steps:
        raise ScheduleError(f"gpt-neox: `warmup` must be from 0 to below 1, got {warmup / steps}")
    return _rise(peak, warmup, given) >> _fall(keys, peak, floor, steps, warmup)


def _length(keys: Keys, given: Given) -> int:
    decay = keys.optional_whole("lr_decay_iters")
    if decay is None:
        decay = keys.optional_whole("train_iters")
        if decay is None:
            given.need("gpt-neox", "steps")
            decay = int(given.steps or 0)
        fraction = keys.optional("lr_decay_fraction")
        decay = decay if fraction is None else math.floor(decay * fraction)
    return max(1, decay)


def _rise(peak: float, warmup: Fraction, given: Given) -> Schedule:
    """Return the rates up to the last update that is in the warm-up."""
    if not warmup:
        return Constant(peak, 0)
    last = math.floor(warmup)
    first = peak / float(warmup) if (given.version() or FIXED) >= FIXED else 0.0
    if not last:
        return Constant(first, 1)
    return Constant(first, 1) >> Linear(
        peak / float(warmup), peak * (last / float(warmup)), last - 1
    )


def _fall(keys: Keys, peak: float, floor: float, steps: int, warmup: Fraction) -> Schedule:
    """Return the rates from the last update of the warm-up on, or from the first without one."""
    finer = warmup.denominator
    length = int((steps - warmup) * finer)
    style = keys.text("lr_decay_style", "linear")
    fall: Schedule
    if style == "linear":
        fall = Linear(peak, 0.0, length).clip(floor=floor)
    elif style == "cosine":
        fall = CosineWave(peak, floor, 2.0 * length)
    elif style == "exponential":
        fall = Exponential(peak, HALF / length).clip(floor=floor)
    elif style == "constant":
        fall = Constant(max(peak, floor))
    else:
        raise keys.refuse("lr_decay_style", "it must be linear, cosine, exponential or constant")
    if finer == 1:  # the end of the warm-up has the peak, which is where the fall begins
        return fall
    last = math.floor(warmup)
    begun = Constant(peak * (last / float(warmup)), 1) if last else Constant(peak, 0)
    if isinstance(fall, Constant):
        return begun >> fall
    return begun >> by_updates(later(fall, int((last + 1 - warmup) * finer)), finer)
