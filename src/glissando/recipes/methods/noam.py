"""The schedule of the original Transformer, called Noam."""

import math

from glissando.families import InverseSqrt, Linear
from glissando.recipes.arguments import OneOrMore
from glissando.recipes.registry import recipe
from glissando.rules import Steps
from glissando.schedule import Schedule


@recipe("noam")
def noam(d_model: OneOrMore = 512, warmup: Steps = 4000) -> Schedule:
    """The Transformer's schedule (Noam): linear warm-up, then inverse square root decay, no end.

    The paper's formula is d_model^-0.5 · min(n^-0.5, n · warmup^-1.5). Its n counts updates from
    1 (at 0 it has no value), and schedules count from 0: update k has n = k + 1, as in the
    authors' own Tensor2Tensor. So no update is wasted on a rate of 0, and the highest rate,
    (d_model · warmup)^-0.5, is that of step `warmup` - 1. This is the one recipe here whose
    warm-up is a step shorter than its name says. Counted from n = k instead, and from the peak
    that you choose, it is
    `gl.Linear(0.0, peak, steps=warmup) >> gl.InverseSqrt(peak, timescale=warmup)`.

    Args:
        d_model: the width of the model, 1 or more; the paper's base model has 512.
        warmup: the length of the warm-up in the paper's counting, 1 or more; the paper's is 4000.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = noam(d_model=4, warmup=25)
        >>> rate(0), rate(24), rate(99)
        (0.004, 0.1, 0.05)
        >>> f"{noam()(3999):.3g}"
        '0.000699'

    Source::

        @inproceedings{vaswani2017attention,
          author = {Vaswani, Ashish and Shazeer, Noam and Parmar, Niki and Uszkoreit, Jakob and
            Jones, Llion and Gomez, Aidan N. and Kaiser, Łukasz and Polosukhin, Illia},
          title = {Attention Is All You Need},
          booktitle = {Advances in Neural Information Processing Systems},
          year = {2017},
          eprint = {1706.03762},
          archivePrefix = {arXiv}
        }
    """
    peak = 1 / math.sqrt(d_model * warmup)
    return Linear(peak / warmup, peak, warmup - 1) >> InverseSqrt(peak, timescale=warmup)
