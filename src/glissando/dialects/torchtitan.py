"""torchtitan 0.3.0: the schedule of its trainer."""

from typing import Literal

from glissando.dialects.shared.declare import dialect
from glissando.families import Constant, CosineWave, Linear, Sqrt
from glissando.rules import MAX_STEP, Rate, Share, Steps, StepsOrZero
from glissando.schedule import Schedule


@dialect
def LRSchedulersContainer(
    warmup_steps: StepsOrZero = 200,
    total_steps: Steps | None = None,
    decay_ratio: Share | None = None,
    decay_type: Literal["linear", "sqrt", "cosine"] = "linear",
    min_lr_factor: Share = 0.0,
    *,
    lr: Rate,
    training_steps: Steps,
) -> Schedule:
    """A line up, a stable rate if there is a `decay_ratio`, a decay to `min_lr_factor`.

    The first update already has one step of the warm-up, and the floor lies one update past the
    last that is trained. Past that "cosine" turns up again; the others fall on, through the floor.
    Where they would be below 0, and where a decay of no steps would begin, the schedule raises.
    """
    total = training_steps if total_steps is None else total_steps
    warmup = min(warmup_steps, total)
    decay = total - warmup
    if decay_ratio is not None:
        decay = min(round(total * decay_ratio), decay)
    rise = Linear(lr / max(1, warmup), lr, max(0, warmup - 1))
    stable = total + 1 - warmup - decay - (warmup == 0)
    if decay == 0:
        return (rise >> Constant(lr, stable)).strict()
    return rise >> Constant(lr, stable) >> _fall(lr, lr * min_lr_factor, decay, decay_type)


def _fall(start: float, end: float, steps: int, shape: str) -> Schedule:
    """Return the decay, and how it goes on, for as long as that is 0 or more."""
    if start == end:
        return Constant(start)
    if shape == "cosine":
        return CosineWave(start, end, 2.0 * steps)
    ratio = start / (start - end)  # of the way to 0 and the way to `end`
    if shape == "linear":
        last = min(int(ratio * steps), MAX_STEP // 2)
        return Linear(start, max(0.0, start - (start - end) * last / steps), last).strict()
    last = min(int(ratio**2 * steps), MAX_STEP // 2)
    far = max(0.0, start - (start - end) * (last / steps) ** 0.5)
    return Sqrt(start, far, last).strict()
