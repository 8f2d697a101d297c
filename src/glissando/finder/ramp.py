"""The ramp: an update at each of some rising rates, until the loss explodes."""

import math
from statistics import median
from typing import Any, NamedTuple

from glissando.families import Linear, LogLinear
from glissando.finder.answer import Ramp
from glissando.finder.session import Session
from glissando.finder.smoothing import noise

EXPLOSION = 2.0
"""How many times its whole fall a loss is above its beginning when it is called exploded."""

FLOOR = 0.05
"""The smallest fall to count with, as a share of the first loss: less is no explosion."""

RECENT = 5
"""Of how many losses the median is looked at: two spikes side by side end no ramp."""


class Level(NamedTuple):
    """What losses are measured by: where they begin, how low they come, how much counts."""

    begin: float
    lowest: float
    scale: float


class Watch:
    """Looks at the losses of a ramp as they come."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self._lowest = math.inf

    @property
    def level(self) -> Level:
        """What the losses so far are measured by."""
        begin = median(self.losses[:RECENT]) if self.losses else 0.0
        fall = begin - self._lowest
        scale = max(fall, 6 * noise(self.losses), FLOOR * abs(begin))
        return Level(begin, self._lowest, scale)

    def explodes(self, loss: float) -> bool:
        """Take the next loss; return whether the last are far above the first, or no numbers."""
        if not math.isfinite(loss):
            return True
        self.losses.append(loss)
        recent = median(self.losses[-RECENT:])
        self._lowest = min(self._lowest, recent)
        measure = self.level
        return len(self.losses) > 2 and recent > measure.begin + EXPLOSION * measure.scale


def rates_of(start: float, end: float, steps: int, scale: str) -> list[float]:
    """Return the rates of a ramp: the first is exactly `start`, the last exactly `end`."""
    last = steps - 1
    if scale == "linear":
        line = Linear(start, end, steps=last)
        return [line(k) for k in range(steps)]
    fall = LogLinear(end, start, steps=last)
    return [fall(last - k) for k in range(steps)]


def run(session: Session, rates: list[float], seed: int) -> Ramp:
    """Run a ramp from the beginning's state; stop where the loss explodes."""
    session.begin(seed)
    return ramp(session.measured, rates, seed)


def ramp(measured: Any, rates: list[float], seed: int = 0) -> Ramp:
    """Call a function with rising rates, until the losses that it returns explode."""
    losses: list[float] = []
    watch = Watch()
    diverged = False
    for rate in rates:
        losses.append(measured(rate))
        diverged = watch.explodes(losses[-1])
        if diverged:
            break
    return made(rates[: len(losses)], losses, seed, diverged)


def made(rates: Any, losses: Any, seed: int, diverged: bool) -> Ramp:
    """Return a ramp; what is no finite number is infinite in it."""
    kept = [loss if abs(loss) <= 1e30 else math.inf for loss in losses]
    return Ramp(rates=rates, losses=kept, seed=seed, diverged=diverged)
