"""ULMFiT's slanted triangular learning rate (STLR)."""

from fractions import Fraction

from glissando.errors import ScheduleError
from glissando.families import Linear
from glissando.recipes.arguments import Divisor
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Share, Steps
from glissando.schedule import Schedule


@recipe("slanted_triangular")
def slanted_triangular(
    peak: Rate, steps: Steps, cut_frac: Share = 0.1, ratio: Divisor = 32.0
) -> Schedule:
    """ULMFiT's slanted triangular rate (STLR): a short linear rise, and a long linear decay.

    The decay ends at the rate that the rise began with. Where `cut_frac` * `steps` is no whole
    number, the paper's formula gets there before `steps` and goes on falling, even below 0; here
    the decay ends with the last step. Where it is a whole number, the curve is the paper's, its
    iterations counted from 0. The paper's peak is 0.004 for the language model and 0.01 for the
    classifier.

    Args:
        peak: the highest rate.
        steps: the length of the whole, 1 or more.
        cut_frac: the fraction of the steps in which the rate rises, 0 to 1, rounded down to whole
            steps; at least one step is left for the decay.
        ratio: how many times lower than `peak` the first rate and the last are, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule, or the rise takes all the steps.

    Example:
        >>> rate = slanted_triangular(0.32, steps=100)
        >>> rate(0), rate(10), rate(55), rate(100)
        (0.01, 0.32, 0.165, 0.01)

    Source::

        @misc{howard2018universal,
          author = {Howard, Jeremy and Ruder, Sebastian},
          title = {Universal Language Model Fine-tuning for Text Classification},
          year = {2018},
          eprint = {1801.06146},
          archivePrefix = {arXiv}
        }
    """
    cut = int(steps * Fraction(str(cut_frac)))  # 0.29 of 100 is 29: in floats it is a little less
    if cut == steps:
        raise ScheduleError(f"`cut_frac` must leave a step for the decay, got {cut_frac}")
    return Linear(peak / ratio, peak, cut) >> Linear(peak, peak / ratio, steps - cut)
