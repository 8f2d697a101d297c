"""Half a cosine, mirrored at the straight line."""

from typing import Any

from glissando.rules import Rate, StepsOrZero
from glissando.schedule import Schedule


class MirrorCosine(Schedule, tag="mirror_cosine"):
    """A mirrored cosine: `end + (start − end) · (2 − 2·f − (1 + cos(π · f)) / 2)`, f = t/steps.

    It is as far on the other side of the straight line as `Cosine` is. It falls or rises, steepest
    at both ends and flat halfway.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Cosine
        >>> mirror, cosine = MirrorCosine(1.0, 0.0, steps=12), Cosine(1.0, 0.0, steps=12)
        >>> mirror(0), round(mirror(4), 6), mirror(12)
        (1.0, 0.583333, 0.0)
        >>> (mirror(4) + cosine(4)) / 2  # the straight line
        0.6666666666666667

    Source:
        Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
        Durations", 2024, arXiv:2405.18392.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero

    def at(self, t: Any, m: Any) -> Any:
        remaining = (self.steps - t) / self.steps
        mirrored = 2 * remaining - 0.5 * (1.0 - m.cos(m.pi * remaining))
        return self.end + (self.start - self.end) * mirrored
