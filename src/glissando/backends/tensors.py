"""What JAX, PyTorch and TensorFlow have in common as backends."""

import math
from collections.abc import Callable
from typing import Any

from glissando.backends.operations import Branchless
from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_RATE, Row


class Tensors(Branchless):
    """The operations on tensors, eager or in a graph, in the framework's default float type."""

    # what a framework declares beside the operations themselves
    real: Callable[[Any], Any]
    """A tensor as floats."""
    logarithm: Callable[[Any], Any]
    log1p: Callable[[Any], Any]
    root: Callable[[Any], Any]
    tangent: Callable[[Any], Any]
    counts: Callable[[Any], bool]
    """Whether a tensor holds integers."""
    steps: Callable[[Row, str, Any], Any]
    """`steps(row, form, t)`: one of a row's forms as steps like `t`."""
    numbers: Callable[[Row, str], Any]
    """`numbers(row, form)`: one of a row's forms as floats."""
    count_up_to: Callable[[Any, Any], Any]
    """`count_up_to(sorted, t)`: how many of the sorted steps are at or below `t`."""
    member: Callable[[Any, Any], Any]
    """`member(numbers, i)`: `numbers[i]`."""
    past: Callable[[Any, Any, Any], Any]
    """`past(steps, i, t)`: how far `t` lies past `steps[i]`."""
    tensor: Callable[[Any], Any]
    """A tensor for what a user's own function returned; raises if it is no number."""
    known: Callable[[Any], Any]
    """A tensor's numbers in a list, which is empty while they are traced or not at hand."""
    library: str
    """What users call the framework's own operations."""

    def call(self, own: Any, t: Any) -> Any:
        steps = self.plain(t)
        try:
            found = own.value(steps)
            rate = self.tensor(found if hasattr(found, "shape") else own.held(found, steps))
        except ScheduleError:
            raise
        except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            raise ScheduleError(
                f"{shown(own)}: it cannot run on tensors or inside a compiled graph: "
                f"{type(error).__name__}. Write it with the framework's operations, "
                f"{self.library}.where and {self.library}.cos for `if` and math.cos, or build it "
                "from families"
            ) from error
        for i, number in enumerate(self.known(rate)):
            if not 0 <= number <= MAX_RATE:
                each = self.known(steps)
                raise own.no_rate(number, each[i] if i < len(each) else steps)
        return rate

    def plain(self, t: Any) -> Any:
        """Return steps as a tensor that a user's own function can take."""
        return t

    def lookup(self, t: Any, boundaries: Row, values: Row) -> Any:
        return self.gather(values, self.count_up_to(self.steps(boundaries, "packed", t), t))

    def gather(self, values: Row, i: Any) -> Any:
        return self.member(self.numbers(values, "packed"), i)

    def not_below_0(self, rate: Any) -> Any:
        """Return the rates, 0 where rounding has put them below it."""
        return self.where(rate < 0, 0.0, rate)  # a maximum would halve the slope of a rate of 0

    def wide(self, t: Any) -> Any:
        """Return whole steps as 64-bit integers."""
        return t

    def interval(self, t: Any, knots: Row) -> Any:
        # float32 would round a knot beyond or before a whole step
        form = "ceilings" if self.counts(t) else "packed"
        return self.count_up_to(self.steps(knots, form, t)[1:-1], t)

    def fraction(self, t: Any, knots: Row, i: Any) -> Any:
        # from the first whole step after the knot on, so that no two near numbers are subtracted
        whole = self.past(self.steps(knots, "ceilings", t), i, t)
        elapsed = whole + self.member(self.numbers(knots, "offsets"), i)
        elapsed = elapsed / self.member(self.numbers(knots, "widths"), i)
        return self.minimum(self.maximum(elapsed, 0.0), 1.0)

    # of plain numbers in double precision

    def tanh(self, x: Any) -> Any:
        return math.tanh(x) if isinstance(x, float) else self.tangent(x)

    def log(self, x: Any) -> Any:
        return math.log(x) if isinstance(x, float) else self.logarithm(x)

    def sqrt(self, x: Any) -> Any:
        # the slope at 0 is infinite, and infinity times the 0 of a masked side is NaN
        some = x > 0
        return self.where(some, self.root(self.where(some, x, 1.0)), 0.0)

    def power(self, base: float, exponent: Any) -> Any:
        # float32 would round the base and raise the error to the exponent; its log it may round
        return self.exp(self.real(exponent) * math.log(base))

    def remaining(self, t: Any, steps: int, power: float) -> Any:
        return self.remaining_power(t / steps, (steps - t) / steps, power)

    def remaining_power(self, elapsed: Any, remaining: Any, power: float) -> Any:
        # float32 cannot tell the remaining fraction from 1 at first, nor the elapsed one from 1 at
        # last: a high power would magnify the one error and a root the other, so each half is
        # taken from its own end
        early = elapsed < 0.5
        # the side not taken stays finite, and so does its slope: that of 0 ** 0.5 is infinite
        near = self.log1p(-self.where(early, elapsed, 0.0))
        some = remaining > 0
        far = self.log(self.where(some, remaining, 1.0))
        return self.where(some, self.exp(power * self.where(early, near, far)), 0.0)

    def phase(self, t: Any, period: float) -> Any:
        if period == int(period):
            return t % int(period) / int(period)
        if not self.counts(t):
            return t % period / period
        # float32 knows too few digits of a far step: count in 2**64ths of a period, integers that
        # drop whole periods by overflowing
        above, below = period.as_integer_ratio()

        def parts(steps: int) -> int:
            rounded = (2**65 * steps * below + above) // (2 * above) % 2**64
            return rounded - 2**64 if rounded >= 2**63 else rounded

        t = self.wide(t)
        # in two halves: the rounding of either is not multiplied by more than 2**27
        phase = t // 2**27 * parts(2**27) + t % 2**27 * parts(1)
        return self.real(phase) / 2.0**64
