"""What goes up and down in phases that end between two steps."""

import math
from collections.abc import Sequence

from glissando.dialects.dialect import NotRepresentable
from glissando.families.cosine_table import CosineTable
from glissando.families.linear import Linear
from glissando.families.table import Table
from glissando.schedule import Schedule


def phases(ends: Sequence[float], rates: Sequence[float], total: int, strategy: str) -> Schedule:
    """Return the curve of PyTorch's and Paddle's `OneCycleLR`, which raises after step `total`.

    Args:
        ends: where each phase ends, between two steps as a rule, 0 first; one that is over before
            step 0 is left out.
        rates: the rate at each of them.
        total: the steps; the last phase goes on to that one, in the same direction.
        strategy: "cos", or a line.
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
        left = ease((total - ends[i - 1]) / width)
        beyond = rates[i] + (rates[i - 1] - rates[i]) * left
    if beyond < 0 and total == 1:
        raise NotRepresentable("it has one step, and a rate below 0 after it")
    if whole.steps > total - 1 > 0:
        whole = whole.take(total - 1)
    if beyond < 0:
        return whole.strict()
    last = Linear(before, beyond, 1)
    return (whole >> last if total > 1 else last).strict()


def _cosine(share: float) -> float:
    return (1.0 + math.cos(math.pi * share)) / 2


def _line(share: float) -> float:
    return 1.0 - share
