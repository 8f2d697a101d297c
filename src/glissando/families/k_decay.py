"""Half a cosine over a power of time."""

from typing import Any

from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule


class KDecay(Schedule, tag="k_decay"):
    """From `start` to `end` along half a cosine, time being raised to a power first.

    A power above 1 stays high for longer and falls late, 1 is the plain cosine, and below 1 it
    falls early.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        power: the exponent of the share of steps done, the k of the paper, above 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> KDecay(0.1, 0.0, steps=100, power=3.0)(50)
        0.09619397662556434

    Source:
        Zhang and Li, "k-decay: A New Method For Learning Rate Schedule", 2020, arXiv:2004.05909.
    """

    start: Rate
    end: Rate
    steps: Steps
    power: Power

    def at(self, t: Any, m: Any) -> Any:
        done = m.left(self.steps - t, self.steps, self.power)
        return self.end + 0.5 * (self.start - self.end) * (1.0 + m.cos(m.pi * done))
