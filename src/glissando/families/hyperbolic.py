"""Decay along a hyperbola."""

from typing import Any

from glissando.families.log_linear import falls_above_zero
from glissando.rules import Rate, ScheduleError, Steps
from glissando.schedule import Schedule


class Hyperbolic(Schedule, tag="hyperbolic"):
    """From `start` to `end` along a hyperbola, slowly at first and ever faster.

    The larger `upper` is, the more alike are the first steps of schedules of different lengths.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        upper: the step where the hyperbola's asymptote would reach the end, `steps` or more: the
            upper bound of the paper.

    Raises:
        ScheduleError: an argument breaks its rule; `upper` is below `steps`.

    Example:
        >>> Hyperbolic(0.5, 0.0, steps=8, upper=10)(4)
        0.28867513459481287

    Source:
        Kim, "HyperbolicLR: Epoch Insensitive Learning Rate Scheduler", 2024, arXiv:2407.15200.
    """

    start: Rate
    end: Rate
    steps: Steps
    upper: Steps

    def check(self) -> None:
        if self.upper < self.steps:
            raise ScheduleError(
                f"{type(self).__name__}: `upper` must be `steps` or more, "
                f"got upper={self.upper} and steps={self.steps}"
            )

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) * self.left(t, m)

    def left(self, t: Any, m: Any) -> Any:
        """Return the share of the way that is left."""
        beyond = 2 * (self.upper - self.steps)
        steps = self.steps - t
        return m.sqrt((steps / self.steps) * ((steps + beyond) / (self.steps + beyond)))


class ExpHyperbolic(Hyperbolic, tag="exp_hyperbolic"):
    """From `start` to `end` so that the logarithm of the rate follows a hyperbola.

    It falls from `start` by the same factors in the first steps, however long the schedule is, if
    `upper` is large.

    Args:
        start: the rate at step 0, above 0.
        end: the rate at `steps` and after, above 0 and at most `start`.
        steps: the step at which the end is reached, 1 or more.
        upper: the step where the hyperbola's asymptote would reach the end, `steps` or more: the
            upper bound of the paper.

    Raises:
        ScheduleError: an argument breaks its rule; `upper` is below `steps`; `end` is 0 or
            above `start`.

    Example:
        >>> ExpHyperbolic(0.5, 0.005, steps=8, upper=10)(4)
        0.07139545122468734

    Source:
        Kim, "HyperbolicLR: Epoch Insensitive Learning Rate Scheduler", 2024, arXiv:2407.15200.
    """

    start: Rate
    end: Rate
    steps: Steps
    upper: Steps

    def check(self) -> None:
        super().check()
        falls_above_zero(self)

    def at(self, t: Any, m: Any) -> Any:
        beyond = 2 * (self.upper - self.steps)
        done = (t / self.steps) * ((2 * self.steps + beyond - t) / (self.steps + beyond))
        # what 1 - left(t) is, without subtracting near equals
        return self.start * m.power(self.end / self.start, done / (1.0 + self.left(t, m)))
