"""Linear warm-up and one decay over the rest of the run, the commonest schedules of Transformers.

Source::

    @inproceedings{wolf2020transformers,
      author = {Wolf, Thomas and Debut, Lysandre and Sanh, Victor and Chaumond, Julien and others},
      title = {Transformers: State-of-the-Art Natural Language Processing},
      booktitle = {Proceedings of the 2020 Conference on Empirical Methods in Natural Language
        Processing: System Demonstrations},
      year = {2020},
      eprint = {1910.03771},
      archivePrefix = {arXiv}
    }
"""

from typing import Literal

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("warmup_cosine")
def warmup_cosine(
    peak: Rate,
    steps: Steps,
    warmup: LengthOrZero = "3%",
    end: Rate = 0.0,
    rounding: Literal["nearest", "up"] = "nearest",
) -> Schedule:
    """Linear warm-up from 0, then half a cosine wave down to the end of the run.

    The rates of Transformers' `get_cosine_schedule_with_warmup`, which is its scheduler "cosine",
    to step `steps`; there the wave goes up again after it, and here the end is held.

    Args:
        peak: the highest rate, that of step `warmup`.
        steps: the length of the whole, warm-up included, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps`.
        end: the rate at `steps` and after.
        rounding: how a percentage becomes whole steps: to the "nearest", as `gl.plan` rounds, or
            "up", as Transformers' `Trainer` rounds its warm-up ratio.

    Raises:
        ScheduleError: an argument breaks its rule, the warm-up is longer than `steps`, or a
            percentage is less than half a step and rounded to the nearest.

    Example:
        >>> rate = warmup_cosine(0.001, steps=1000, warmup="10%")
        >>> rate(50), rate(100), round(rate(550), 12), rate(1000)
        (0.0005, 0.001, 0.0005, 0.0)
    """
    del rounding  # the percentage is counted by now
    return Linear(0.0, peak, warmup) >> Cosine(peak, end, steps - warmup)


@recipe("warmup_linear")
def warmup_linear(
    peak: Rate,
    steps: Steps,
    warmup: LengthOrZero = "3%",
    end: Rate = 0.0,
    rounding: Literal["nearest", "up"] = "nearest",
) -> Schedule:
    """Linear warm-up from 0, then a straight line down to the end of the run.

    The rates of Transformers' `get_linear_schedule_with_warmup`, which is the default of its
    `Trainer`.

    Args:
        peak: the highest rate, that of step `warmup`.
        steps: the length of the whole, warm-up included, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps`.
        end: the rate at `steps` and after.
        rounding: how a percentage becomes whole steps: to the "nearest", as `gl.plan` rounds, or
            "up", as Transformers' `Trainer` rounds its warm-up ratio.

    Raises:
        ScheduleError: an argument breaks its rule, the warm-up is longer than `steps`, or a
            percentage is less than half a step and rounded to the nearest.

    Example:
        >>> rate = warmup_linear(0.001, steps=1000, warmup="10%")
        >>> rate(50), rate(100), rate(550), rate(1000)
        (0.0005, 0.001, 0.0005, 0.0)
    """
    del rounding  # the percentage is counted by now
    return Linear(0.0, peak, warmup) >> Linear(peak, end, steps - warmup)
