"""Half a cosine over a power of time."""

from typing import Any

from glissando.rules import Power, Rate, StepsOrZero
from glissando.schedule import Schedule


class KDecay(Schedule, tag="k_decay"):
    """A cosine over a power of time: `end + (start − end) · (1 + cos(π · (t/steps)^power)) / 2`.

    It falls or rises, flat at both ends. A power above 1 holds `start` for longer and moves late, 1
    is `Cosine`, and below 1 it moves early.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        power: the exponent of the elapsed fraction, the k of the paper, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> decay = KDecay(0.1, 0.0, steps=100, power=3.0)
        >>> decay(0), round(decay(50), 6), decay(100)
        (0.1, 0.096194, 0.0)

    Source:
        Zhang and Li, "k-decay: A New Method For Learning Rate Schedule", 2020, arXiv:2004.05909.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        elapsed = m.remaining(self.steps - t, self.steps, self.power)
        return self.end + 0.5 * (self.start - self.end) * (1.0 + m.cos(m.pi * elapsed))
