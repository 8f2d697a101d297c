"""A hyperbolic tangent."""

from typing import Annotated, Any

from glissando.rules import Number, Rate, ScheduleError, Steps
from glissando.schedule import Schedule


class Tanh(Schedule, tag="tanh"):
    """From `start` to `end` along a hyperbolic tangent: slowly, fast, and slowly again.

    The argument of the tangent goes from `low` to `high`. The curve is scaled so that it begins at
    `start` and reaches `end`.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 1 or more.
        low: how far left of the middle of the tangent it begins, from -8 to 0.
        high: how far right of it it ends, from 0 to 8.

    Raises:
        ScheduleError: an argument breaks its rule; `high` is less than 0.01 above `low`.

    Example:
        >>> round(Tanh(0.1, 0.0, steps=100)(50), 6)
        0.095246

    Source:
        Hsueh et al., "Stochastic Gradient Descent with Hyperbolic-Tangent Decay on
        Classification", 2018, arXiv:1806.01593.
    """

    start: Rate
    end: Rate
    steps: Steps
    low: Annotated[float, Number(-8, 0)] = -6.0
    high: Annotated[float, Number(0, 8)] = 3.0

    def check(self) -> None:
        if self.high - self.low < 0.01:
            raise ScheduleError(
                f"Tanh: `high` must be 0.01 or more above `low`, got low={self.low} and "
                f"high={self.high}"
            )

    def at(self, t: Any, m: Any) -> Any:
        way = self.high - self.low
        now = self.low + way * (t / self.steps)
        whole = self.between(self.low, way, self.high, m)
        gone = self.between(self.low, way * (t / self.steps), now, m) / whole
        left = self.between(now, way * ((self.steps - t) / self.steps), self.high, m) / whole
        # each half from its own end, where float32 knows it best
        early = self.start + (self.end - self.start) * gone
        return m.where(gone < left, early, self.end + (self.start - self.end) * left)

    def between(self, low: Any, way: Any, high: Any, m: Any) -> Any:
        """Return how much the tangent rises over a way, without subtracting near equals."""
        return m.tanh(way) * (1.0 - m.tanh(low) * m.tanh(high))
