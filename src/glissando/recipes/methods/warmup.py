"""Linear warm-up before any schedule."""

from glissando.families import Linear
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Child, Schedule


@recipe("warmup")
def warmup(schedule: Child, steps: Steps, start: Rate = 0.0) -> Schedule:
    """Linear warm-up: a straight line up to a schedule's first rate, then all of that schedule.

    The schedule begins after the warm-up and keeps its length, so the whole is longer by `steps`:
    `warmup(cosine, steps=100)` of a cosine of 900 steps takes 1000. To warm up inside the
    schedule's own time instead, drop the steps that the warm-up covers:
    `gl.Linear(0.0, cosine(100), steps=100) >> cosine.drop(100)`.

    The paper's warm-up goes from the rate for one worker to that for all of them, over 5 epochs:
    give `start` for that. Most others since have started from 0.

    Args:
        schedule: what follows the warm-up.
        steps: the length of the warm-up, 1 or more; step `steps` has the schedule's first rate.
        start: the rate of step 0.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> from glissando import Cosine
        >>> rate = warmup(Cosine(0.001, 0.0, steps=900), steps=100)
        >>> rate(0), rate(50), rate(100), rate(550), rate.steps
        (0.0, 0.0005, 0.001, 0.0005, 1000)

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
