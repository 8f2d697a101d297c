"""What goes up and down in phases that end between two steps."""

import math
from collections.abc import Sequence

from glissando.dialects.shared.declare import NotRepresentable
from glissando.errors import ScheduleError
from glissando.families import CosineTable, Linear, Table
from glissando.schedule import Schedule


def one_cycle(
    rates: Sequence[float],
    total: int,
    rise: float,
    strategy: str,
    three_phase: bool,
    *,
    argument: str = "pct_start",
) -> Schedule:
    """Return the curve of PyTorch's and Paddle's `OneCycleLR`, which raises after step `total`.

    Args:
        rates: the first rate, the peak, that at the end of a second phase, and the last.
        total: the steps; the last phase goes on to that one, in the same direction.
        rise: the fraction of the steps up to the peak.
        strategy: "cos", or a line.
        three_phase: whether there is a second phase, as long as the first.
        argument: what the peer calls `rise`.
    """
    ends = [0.0, rise * total - 1, 2 * rise * total - 2, total - 1]
    if ends[1] == 0:
        raise ScheduleError(
            f"`{argument}` must not make the rise end at step 0, got {rise} of {total}"
        )
    if three_phase:
        return _phases(ends, rates, total, strategy)
    return _phases([*ends[:2], ends[3]], [*rates[:2], rates[3]], total, strategy)


def _phases(ends: Sequence[float], rates: Sequence[float], total: int, strategy: str) -> Schedule:
    """Return phases, each of which ends between two steps as a rule; 0 is the first end.

    One that is over before step 0 is left out.
    """
    family, ease = (CosineTable, _cosine) if strategy == "cos" else (Table, _line)

    def phase(step: int) -> int:
        return next(i for i in range(1, len(ends)) if step <= ends[i] or i == len(ends) - 1)

    used = slice(phase(0) - 1, phase(total - 1) + 1)
    shift = max(0, math.ceil(-ends[used][0]))
    whole: Schedule = family(rates[used], [end + shift for end in ends[used]])
    before = whole(shift + total - 1)
    if 0 < shift < whole.steps:
        whole = whole.drop(shift)
    if total <= ends[used][-1]:
        return whole.take(total).strict()
    i = phase(total)
    beyond = -1.0
    if width := ends[i] - ends[i - 1]:  # or the peer divides by zero
        remaining = ease((total - ends[i - 1]) / width)
        beyond = rates[i] + (rates[i - 1] - rates[i]) * remaining
    if beyond < 0 and total == 1:
        raise NotRepresentable("it has one step, and a rate below 0 after it")
    if whole.steps > total - 1 > 0:
        whole = whole.take(total - 1)
    if beyond < 0:
        return whole.strict()
    last = Linear(before, beyond, 1)
    return (whole >> last if total > 1 else last).strict()


def _cosine(fraction: float) -> float:
    return (1.0 + math.cos(math.pi * fraction)) / 2


def _line(fraction: float) -> float:
    return 1.0 - fraction
