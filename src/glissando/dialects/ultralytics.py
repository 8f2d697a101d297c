"""Ultralytics 8.4.190: the rates that its trainer sets, by the names of its arguments.

A step is a batch: the trainer sets the rate at every batch, and updates the weights at some of
them, where it accumulates gradients up to `nbs` samples.
"""

from typing import Annotated, Literal

from glissando.dialects.shared.curves import risen
from glissando.dialects.shared.declare import dialect
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, Linear
from glissando.rules import Count, Number, Rate, Share, Steps
from glissando.schedule import Schedule

Epochs = Annotated[float, Number(0, 1_000_000)]
LONG = 10_000
"""More iterations than that take the optimizer for long runs, by `optimizer="auto"`."""


@dialect
def BaseTrainer(
    lr0: Rate = 0.01,
    lrf: Share = 0.01,
    epochs: Steps = 100,
    cos_lr: bool = False,
    warmup_epochs: Epochs = 3.0,
    warmup_bias_lr: Rate = 0.1,
    warmup_momentum: Share = 0.8,
    momentum: Share = 0.937,
    optimizer: str = "auto",
    nc: Count | None = None,
    iterations: Count | None = None,
    *,
    steps_per_epoch: Steps,
    of: Literal["lr", "bias", "momentum"] = "lr",
) -> Schedule:
    """A line or a cosine from `lr0` to `lrf` times it, in stairs of an epoch, after a warm-up.

    The warm-up moves batch by batch up to the rate of the epoch that it is in; it is no longer
    than all epochs but the last. Of biases it comes from `warmup_bias_lr`, of all others from 0.
    With `of` it is the rate of weights, that of biases, or the momentum, which the optimizer must
    have: AdamW and its like have none that is moved.

    The optimizer "auto", which is the default, ignores `lr0`, `momentum` and `warmup_bias_lr`. It
    counts `iterations`, of batches of 64 samples at least: above 10 000 the rate is 0.01, else it
    is `0.002 * 5 / (4 + nc)`, rounded to six decimal places, by the number of classes. Its MuSGD
    has thrice the rate for some weights of the head.
    """
    if optimizer.lower() == "auto":
        lr0, warmup_bias_lr, momentum = _automatic(nc, iterations), 0.0, 0.9
    warm = min(warmup_epochs, max(epochs - 1, 0))
    warmup = round(warm * steps_per_epoch)
    if of == "momentum":
        return Linear(warmup_momentum, momentum, warmup) >> Constant(momentum)
    stairs = (Cosine if cos_lr else Linear)(lr0, lr0 * lrf, epochs).hold_each(steps_per_epoch)
    return risen(stairs, warmup, warmup_bias_lr if of == "bias" else 0.0)


@dialect
def one_cycle(y1: Rate = 0.0, y2: Rate = 1.0, steps: Steps = 100) -> Schedule:
    """Half a cosine wave from one value to another, and back again: it bounces for ever."""
    return Cosine(y1, y2, steps).bounce()


def _automatic(nc: int | None, iterations: int | None) -> float:
    """Return the first rate that the optimizer "auto" takes.

    Args:
        nc: how many classes there are; a short run needs it.
        iterations: how many there are, of batches of 64 samples at least.
    """
    if iterations is None:
        raise ScheduleError("`iterations` must be given for the optimizer 'auto', got None")
    if iterations > LONG:
        return 0.01
    if nc is None:
        raise ScheduleError(
            f"`nc` must be given for the optimizer 'auto' of {LONG} iterations or fewer, got None"
        )
    return round(0.002 * 5 / (4 + nc), 6)
