"""A cosine wave without end."""

from typing import Any

from glissando.rules import Rate, Timescale
from glissando.schedule import Schedule


class CosineWave(Schedule, tag="cosine_wave"):
    """A cosine wave between `start` and `end` for ever.

    Half a wave is `Cosine`; after it the rate goes back up to `start`, and so on. For `n` waves in
    `steps` steps take the period `steps / n`, which need not be a whole number.

    Args:
        start: the rate at step 0, and at the end of each period.
        end: the rate in the middle of each period.
        period: the number of steps from `start` to `start`, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> wave = CosineWave(1.0, 0.0, period=20)
        >>> wave(0), wave(5), wave(10), wave(20)
        (1.0, 0.5, 0.0, 1.0)

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
        arXiv:1608.03983, has the half wave.
    """

    start: Rate
    end: Rate
    period: Timescale

    def at(self, t: Any, m: Any) -> Any:
        turn = m.turn(t, self.period)
        return self.end + (self.start - self.end) * (1 + m.cos(2 * m.pi * turn)) / 2
