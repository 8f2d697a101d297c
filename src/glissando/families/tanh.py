"""A hyperbolic tangent."""

from typing import Annotated, Any

from glissando.errors import ScheduleError
from glissando.rules import Number, Rate, StepsOrZero
from glissando.schedule import Schedule


class Tanh(Schedule, tag="tanh"):
    """A hyperbolic tangent: `start + (end − start) · (tanh x − tanh low) / (tanh high − tanh low)`.

    x goes from `low` to `high`: it is low + (high − low) · t/steps. So the curve falls or rises,
    steepest where x is 0, and the flatter at an end the farther that end is from there.

    Args:
        start: the rate at step 0.
        end: the rate at `steps` and after.
        steps: the step at which the end is reached, 0 or more.
        low: where it begins on the tangent, left of its middle, from -8 to 0.
        high: where it ends, right of its middle, from 0 to 8.

    Raises:
        ScheduleError: an argument breaks its rule; `high` is less than 0.01 above `low`.

    Example:
        >>> decay = Tanh(0.1, 0.0, steps=100)
        >>> decay(0), round(decay(50), 6), decay(100)
        (0.1, 0.095246, 0.0)

    Source:
        Hsueh et al., "Stochastic Gradient Descent with Hyperbolic-Tangent Decay on
        Classification", 2018, arXiv:1806.01593.
    """

    start: Rate
    end: Rate
    steps: StepsOrZero
    low: Annotated[float, Number(-8, 0)] = -6.0
    high: Annotated[float, Number(0, 8)] = 3.0

    def check(self) -> None:
        if self.high - self.low < 0.01:
            raise ScheduleError(
                f"Tanh: `high` must be 0.01 or more above `low`, got low={self.low} and "
                f"high={self.high}"
            )

    def at(self, t: Any, m: Any) -> Any:
        width = self.high - self.low
        x = self.low + width * (t / self.steps)
        total = self.rise(self.low, width, self.high, m)
        elapsed = self.rise(self.low, width * (t / self.steps), x, m) / total
        remaining = self.rise(x, width * ((self.steps - t) / self.steps), self.high, m) / total
        # each half from its own end, where float32 knows it best
        early = self.start + (self.end - self.start) * elapsed
        late = self.end + (self.start - self.end) * remaining
        return m.where(elapsed < remaining, early, late)

    def rise(self, low: Any, width: Any, high: Any, m: Any) -> Any:
        """Return the tangent's rise from `low` to `high`, without subtracting near equals."""
        return m.tanh(width) * (1.0 - m.tanh(low) * m.tanh(high))
