"""Linear warm-up before any schedule."""

import math
from typing import Any

from glissando.clock.duration import Duration, as_written, duration
from glissando.errors import ScheduleError
from glissando.families import Linear
from glissando.recipes.arguments import Length
from glissando.recipes.registry import recipe
from glissando.rules import Rate
from glissando.schedule import Child, Schedule


def _of_the_whole(given: dict[str, Any]) -> None:
    """Count a warm-up that is a percentage of itself and what follows together."""
    if not isinstance(given["steps"], str | Duration):
        return
    try:
        length = duration(given["steps"])
    except ScheduleError as error:
        told = str(error).removeprefix("duration: ")
        raise ScheduleError(f"warmup: `steps`: {told}") from None
    after = getattr(given["schedule"], "steps", 0)
    if length.unit == "%" and not (after < math.inf and length.amount < 100):
        raise ScheduleError(
            f"warmup: `steps` in % must be below 100% and before a schedule that ends, got "
            f"{length} before one of {after} steps"
        )
    if length.unit == "%":
        share = as_written(length.amount) / 100
        given["steps"] = round(after * share / (1 - share))
    elif length.unit == "steps":
        given["steps"] = length.amount
    else:
        raise ScheduleError(
            f"warmup: `steps` must be in steps or %, got {str(length)!r}; count it by "
            "gl.plan(...).steps_in"
        )


@recipe("warmup", _of_the_whole)
def warmup(schedule: Child, steps: Length, start: Rate = 0.0) -> Schedule:
    """Linear warm-up: a straight line up to a schedule's first rate, then all of that schedule.

    The schedule begins after the warm-up and keeps its length, so the whole is longer by `steps`:
    `warmup(cosine, steps=100)` of a cosine of 900 steps takes 1000. To warm up inside the
    schedule's own time instead, drop the steps that the warm-up covers:
    `gl.Linear(0.0, cosine(100), steps=100) >> cosine.drop(100)`.

    The paper's warm-up goes from the rate for one worker to that for all of them, over 5 epochs:
    give `start` for that. Most others since have started from 0.

    Args:
        schedule: what follows the warm-up.
        steps: the length of the warm-up, 1 or more; step `steps` has the schedule's first rate. A
            percentage such as "3%" is one of the whole, of warm-up and schedule together, rounded
            to the nearest step.
        start: the rate of step 0.

    Raises:
        ScheduleError: an argument breaks its rule, or a percentage is one of a schedule that never
            ends.

    Example:
        >>> from glissando import Cosine
        >>> rate = warmup(Cosine(0.001, 0.0, steps=900), steps=100)
        >>> rate(0), rate(50), rate(100), rate(550), rate.steps
        (0.0, 0.0005, 0.001, 0.0005, 1000)
        >>> rate == warmup(Cosine(0.001, 0.0, steps=900), "10%")
        True

    Source::

        @misc{goyal2017accurate,
          author = {Goyal, Priya and Dollár, Piotr and Girshick, Ross and Noordhuis, Pieter and
            Wesolowski, Lukasz and Kyrola, Aapo and Tulloch, Andrew and Jia, Yangqing and He,
            Kaiming},
          title = {Accurate, Large Minibatch {SGD}: Training {ImageNet} in 1 Hour},
          year = {2017},
          eprint = {1706.02677},
          archivePrefix = {arXiv}
        }
    """
    return Linear(start, schedule(0), steps) >> schedule
