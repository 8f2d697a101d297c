"""A cosine wave without end."""

from typing import Any

from glissando.rules import Rate, Timescale
from glissando.schedule import Schedule


class CosineWave(Schedule, tag="cosine_wave"):
    """A cosine wave for ever: `end + (start − end) · (1 + cos(2π · t/period)) / 2`.

    It swings between `start` and `end`, flat at both and steepest between them; it never ends. Half
    a wave is `Cosine`. For n waves in N steps take the period N / n, which need not be a whole
    number.

    Args:
        start: the rate at step 0, and at the end of each period.
        end: the rate in the middle of each period.
        period: the number of steps from `start` to `start`, 1e-20 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> wave = CosineWave(1.0, 0.0, period=12)
        >>> wave(0), round(wave(2), 6), wave(6), wave(12)
        (1.0, 0.75, 0.0, 1.0)

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
        arXiv:1608.03983, has the half wave.
    """

    start: Rate
    end: Rate
    period: Timescale

    def at(self, t: Any, m: Any) -> Any:
        phase = m.phase(t, self.period)
        return self.end + (self.start - self.end) * (1 + m.cos(2 * m.pi * phase)) / 2
