"""Half a cosine, mirrored at the straight line."""

from typing import Any

from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


class MirrorCosine(Schedule, tag="mirror_cosine"):
    """From `start` to `end`, as far on the other side of the straight line as half a cosine is.

    It moves fast at first and at last, and slowly in between.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Cosine
        >>> round(MirrorCosine(1.0, 0.0, steps=4)(1), 6), round(Cosine(1.0, 0.0, steps=4)(1), 6)
        (0.646447, 0.853553)

    Source:
        Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
        Durations", 2024, arXiv:2405.18392.
    """

    start: Rate
    end: Rate
    steps: Steps

    def at(self, t: Any, m: Any) -> Any:
        left = (self.steps - t) / self.steps
        return self.end + (self.start - self.end) * (2 * left - 0.5 * (1.0 - m.cos(m.pi * left)))
