"""Decay along a hyperbola."""

from typing import Any

from glissando.errors import ScheduleError
from glissando.families.log_linear import falls_above_zero
from glissando.rules import Rate, Steps, StepsOrZero
from glissando.schedule import Schedule


class Hyperbolic(Schedule, tag="hyperbolic"):
    """A hyperbola: `end + (start − end) · √((1 − t/steps) · (1 − t/(2·upper − steps)))`.

    It falls or rises, slowly at first and ever faster, and is steepest at the end. The larger
    `upper` is, the more alike are the first steps of schedules of different lengths.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        upper: the step where the hyperbola's asymptote would reach the end, `steps` or more: the
            upper bound of the paper.

    Raises:
        ScheduleError: an argument breaks its rule; `upper` is below `steps`.

    Example:
        >>> decay = Hyperbolic(0.5, 0.0, steps=8, upper=10)
        >>> decay(0), round(decay(4), 6), decay(8)
        (0.5, 0.288675, 0.0)

    Source:
        Kim, "HyperbolicLR: Epoch Insensitive Learning Rate Scheduler", 2024, arXiv:2407.15200.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero
    upper: Steps

    def check(self) -> None:
        if self.upper < self.steps:
            raise ScheduleError(
                f"{type(self).__name__}: `upper` must be `steps` or more, "
                f"got upper={self.upper} and steps={self.steps}"
            )

    def at(self, t: Any, m: Any) -> Any:
        return self.end + (self.start - self.end) * self.remaining(t, m)

    def remaining(self, t: Any, m: Any) -> Any:
        """Return the fraction of the change from `start` to `end` that remains at `t`."""
        beyond = 2.0 * (self.upper - self.steps)
        steps = self.steps - t
        return m.sqrt((steps / self.steps) * ((steps + beyond) / (self.steps + beyond)))


class ExpHyperbolic(Hyperbolic, tag="exp_hyperbolic"):
    """Exponential hyperbola: `start · (end/start)^(1 − h)`, h = `Hyperbolic(1, 0, steps, upper)`.

    Its logarithm falls along a hyperbola, slowly at first and ever faster. If `upper` is large, it
    falls by the same factors in its first steps however long the schedule is.

    Args:
        start: the rate at step 0, above 0.
        end: the rate at `steps` and after, above 0 and at most `start`.
        steps: the step at which the end is reached, 0 or more.
        upper: the step where the hyperbola's asymptote would reach the end, `steps` or more: the
            upper bound of the paper.

    Raises:
        ScheduleError: an argument breaks its rule; `upper` is below `steps`; `end` is 0 or
            above `start`, or below 1e-300 of it.

    Example:
        >>> decay = ExpHyperbolic(0.5, 0.005, steps=8, upper=10)
        >>> decay(0), round(decay(4), 6), decay(8)
        (0.5, 0.071395, 0.005)

    Source:
        Kim, "HyperbolicLR: Epoch Insensitive Learning Rate Scheduler", 2024, arXiv:2407.15200.
    """

    def check(self) -> None:
        super().check()
        falls_above_zero(self)

    def at(self, t: Any, m: Any) -> Any:
        beyond = 2.0 * (self.upper - self.steps)
        elapsed = (t / self.steps) * ((2 * self.steps + beyond - t) / (self.steps + beyond))
        # 1 - remaining(t), without subtracting near equals
        exponent = elapsed / (1.0 + self.remaining(t, m))
        return self.start * m.power(self.end / self.start, exponent)
