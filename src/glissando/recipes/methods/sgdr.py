"""Cosine annealing with warm restarts (SGDR)."""

import math

from glissando.combinators import Chain
from glissando.errors import ScheduleError
from glissando.families import Cosine
from glissando.recipes.arguments import OneOrMore
from glissando.recipes.registry import recipe
from glissando.rules import MAX_STEP, Rate, Steps, Times
from glissando.schedule import Schedule


@recipe("sgdr")
def sgdr(
    peak: Rate, first: Steps, cycles: Times, growth: OneOrMore = 1, end: Rate = 0.0
) -> Schedule:
    """Cosine annealing with warm restarts (SGDR): each cycle longer by the same factor.

    Each cycle is half a cosine from `peak` down to `end`. The step at which it would reach `end`
    is the first of the next and has `peak` again: only after the last cycle is `end` itself a rate
    that training sees, and it holds from then on. The paper counts epochs, in fractions updated at
    every batch; here everything counts in steps. It names no lengths to start from: its experiments
    use 1, 10, 50, 100 and 200 epochs with a growth of 1 or 2.

    Args:
        peak: the rate at the start of every cycle, the paper's eta_max.
        first: the length of the first cycle, its T_0, 1 or more.
        cycles: how many cycles there are, 1 or more; `math.inf` is possible if `growth` is 1.
        growth: how many times longer each cycle is than the one before, its T_mult, a whole
            number, 1 or more.
        end: the rate that every cycle falls to, its eta_min.

    Raises:
        ScheduleError: an argument breaks its rule, or the cycles grow beyond 2**53 steps.

    Example:
        >>> rate = sgdr(0.1, first=10, cycles=3, growth=2)
        >>> rate(0), rate(5), rate(10), rate(30), rate.steps
        (0.1, 0.05, 0.1, 0.1, 70)
        >>> sgdr(0.1, first=10, cycles=4)
        gl.Repeat(gl.Cosine(0.1, 0.0, steps=10), times=4)

    Source::

        @inproceedings{loshchilov2017sgdr,
          author = {Loshchilov, Ilya and Hutter, Frank},
          title = {{SGDR}: Stochastic Gradient Descent with Warm Restarts},
          booktitle = {International Conference on Learning Representations},
          year = {2017},
          eprint = {1608.03983},
          archivePrefix = {arXiv}
        }
    """
    if growth == 1:
        return Cosine(peak, end, first).repeat(cycles)
    if cycles == math.inf:
        raise ScheduleError(f"`cycles` must be finite if `growth` is above 1, got {cycles}")
    parts: list[Schedule] = []
    while len(parts) < cycles:
        length = first * growth ** len(parts)
        if length > MAX_STEP:
            raise ScheduleError(
                "`cycles` must keep every cycle within 2**53 steps, "
                f"got {cycles} cycles from {first} with a growth of {growth}"
            )
        parts.append(Cosine(peak, end, length))
    return Chain(parts) if len(parts) > 1 else parts[0]
