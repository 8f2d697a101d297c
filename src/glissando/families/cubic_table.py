"""A smooth curve through the points of a table."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar

from glissando.families.table import Table
from glissando.rules import Row


class CubicTable(Table, tag="cubic_table"):
    """Cubics from point to point: `(1−x)^3·r + 3·x·(1−x)^2·after + 3·x^2·(1−x)·before + x^3·r'`.

    The curve is smooth and never swings beyond its points: between two it rises or falls all the
    way, and where the rates turn it is flat. It is SciPy's `PchipInterpolator`.

    From a point of rate r to the next, of rate r', x goes from 0 to 1. The rate is a mean of four:
    r, r', and two between them that give the curve its slopes, `after` r and `before` r'.

    Args:
        rates: the rates of the points; the first holds before its step, the last after it.
        knots: the step of each point, 0 or more, each above the one before; the table ends at the
            last of them, rounded up.

    Raises:
        ScheduleError: an argument breaks its rule; the numbers of rates and of knots differ or
            are below 2; the last knot is at step 0.

    Example:
        >>> smooth = CubicTable([0.0, 1.0, 0.5], knots=[0, 10, 30])
        >>> smooth(0), smooth(5), smooth(10), smooth(20)
        (0.0, 0.6770833333333333, 1.0, 0.9375)

    Source:
        Fritsch and Carlson, "Monotone Piecewise Cubic Interpolation", 1980, doi:10.1137/0717021.

        Fritsch and Butland, "A Method for Constructing Local Monotone Piecewise Cubic
        Interpolants", 1984, doi:10.1137/0905021.
    """

    after: ClassVar[Row]
    before: ClassVar[Row]

    def check(self) -> None:
        super().check()
        slopes = self.slopes()
        parts = zip(pairwise(self.rates), pairwise(self.knots), pairwise(slopes), strict=True)
        after, before = [], []
        for (rate, following), (knot, next_knot), (slope, next_slope) in parts:
            third = (next_knot - knot) / 3
            after.append(between(rate + third * slope, rate, following))
            before.append(between(following - third * next_slope, rate, following))
        # now, not when first asked for, which torch.compile could not follow
        object.__setattr__(self, "after", Row(after))
        object.__setattr__(self, "before", Row(before))

    @classmethod
    def symbols(cls, symbol: Callable[[str], Any]) -> dict[str, Any]:
        return {"after": symbol("after"), "before": symbol("before")}

    def at(self, t: Any, m: Any) -> Any:
        i = m.interval(t, self.knots)
        elapsed = m.fraction(t, self.knots, i)
        remaining = 1.0 - elapsed
        first = remaining * m.gather(self.rates, i) + 3.0 * elapsed * m.gather(self.after, i)
        second = 3.0 * remaining * m.gather(self.before, i) + elapsed * m.gather(self.rates, i + 1)
        return remaining * remaining * first + elapsed * elapsed * second

    def slopes(self) -> list[float]:
        """Return the slope at each point."""
        widths = [b - a for a, b in pairwise(self.knots)]
        rises = [(b - a) / w for (a, b), w in zip(pairwise(self.rates), widths, strict=True)]
        if len(rises) == 1:
            return rises * 2
        inner = (
            # a weighted harmonic mean of the slopes on both sides
            3 * (g + h) / ((2 * h + g) / p + (h + 2 * g) / q) if p * q > 0 else 0.0
            for (g, h), (p, q) in zip(pairwise(widths), pairwise(rises), strict=True)
        )
        first = end_slope(*widths[:2], *rises[:2])
        last = end_slope(*widths[:-3:-1], *rises[:-3:-1])
        return [first, *inner, last]


def end_slope(width: float, next_width: float, rise: float, next_rise: float) -> float:
    """Return the slope at an end: that of the parabola through three points, unless it turns."""
    slope = ((2 * width + next_width) * rise - width * next_rise) / (width + next_width)
    if slope * rise <= 0:
        return 0.0
    return 3 * rise if rise * next_rise <= 0 and abs(slope) > 3 * abs(rise) else slope


def between(rate: float, one: float, other: float) -> float:
    """Return `rate`, which rounding may have put just outside of two rates, within them."""
    return min(max(rate, min(one, other)), max(one, other))
