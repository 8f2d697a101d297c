"""T5."""

import math

from glissando.families import Constant, InverseSqrt
from glissando.recipes.arguments import Length
from glissando.recipes.registry import recipe
from glissando.schedule import Schedule


@recipe("t5")
def t5(warmup: Length = 10_000) -> Schedule:
    """T5 pretraining: a constant rate, then inverse square root decay without an end.

    The paper's formula is 1 / √max(n, `warmup`), n being the current update; it has no peak of its
    own, and no end. What it calls a warm-up does not rise: with its 10,000 steps the rate is 0.01
    until there. It leaves open whether n counts from 0, as it does here, or from 1, which would be
    the same curve a step earlier. Its fine-tuning has a constant 0.001.

    Args:
        warmup: the length of the constant part, 1 or more steps.

    Raises:
        ScheduleError: the argument breaks its rule.

    Example:
        >>> rate = t5()
        >>> rate(0), rate(10_000), rate(40_000), rate(1_000_000)
        (0.01, 0.01, 0.005, 0.001)

    Source::

        @misc{raffel2019exploring,
          author = {Raffel, Colin and Shazeer, Noam and Roberts, Adam and Lee, Katherine and
            Narang, Sharan and Matena, Michael and Zhou, Yanqi and Li, Wei and Liu, Peter J.},
          title = {Exploring the Limits of Transfer Learning with a Unified Text-to-Text
            Transformer},
          year = {2019},
          eprint = {1910.10683},
          archivePrefix = {arXiv}
        }
    """
    peak = 1 / math.sqrt(warmup)
    return Constant(peak, warmup) >> InverseSqrt(peak, timescale=warmup)
