"""Flat and cosine."""

from glissando.families import Constant, CosineTable
from glissando.recipes.arguments import Divisor
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Share, Steps
from glissando.schedule import Schedule


@recipe("flat_cosine")
def flat_cosine(
    peak: Rate, steps: Steps, pct_start: Share = 0.75, div_final: Divisor = 1e5
) -> Schedule:
    """Flat, then cosine annealing: a constant rate, and half a cosine down to almost nothing.

    The curve of fastai's `fit_flat_cos`, for a number of steps, with its defaults. No paper names
    it: it was found by trial for the optimizer Ranger, then with 72 % flat.

    Args:
        peak: the first rate.
        steps: the length of the whole, 1 or more.
        pct_start: the fraction of the steps in which the rate is flat, 0 to 1.
        div_final: how many times lower than `peak` the last rate is, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = flat_cosine(1.0, steps=100)
        >>> rate(0), rate(75), rate(100)
        (1.0, 1.0, 1e-05)

    Source::

        @article{howard2020fastai,
          author = {Howard, Jeremy and Gugger, Sylvain},
          title = {fastai: A Layered {API} for Deep Learning},
          journal = {Information},
          volume = {11},
          number = {2},
          pages = {108},
          doi = {10.3390/info11020108},
          year = {2020}
        }
    """
    start = pct_start * steps
    flat = int(start)
    if flat == steps:
        return Constant(peak, steps)
    decay = CosineTable([peak, peak / div_final], [start - flat, steps - flat])
    return Constant(peak, flat) >> decay
