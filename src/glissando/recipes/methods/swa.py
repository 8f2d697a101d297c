"""Stochastic weight averaging (SWA), at a constant rate or in cycles.

Source::

    @misc{izmailov2018averaging,
      author = {Izmailov, Pavel and Podoprikhin, Dmitrii and Garipov, Timur and Vetrov,
        Dmitry and Wilson, Andrew Gordon},
      title = {Averaging Weights Leads to Wider Optima and Better Generalization},
      year = {2018},
      eprint = {1803.05407},
      archivePrefix = {arXiv}
    }
"""

from glissando.errors import ScheduleError
from glissando.families import Constant, Linear
from glissando.recipes.arguments import Length
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("swa")
def swa(peak: Rate, end: Rate, steps: Steps, start: Length) -> Schedule:
    """Stochastic weight averaging (SWA): a high rate, linear decay, then a constant rate.

    The rates of the authors' code: `peak` for half of the steps before the averaging, linear decay
    until nine tenths of them, and `end` from there on. Its defaults are 0.1 and 0.05, averaging
    from epoch 161 of 200; the last steps before it already have `end`. Averaging itself is left to
    the framework. The code moves the rate once an epoch: `.hold_each(steps_per_epoch)` does.

    Args:
        peak: the first rate.
        end: the rate while the weights are averaged.
        steps: the length of the whole, 2 or more.
        start: how many steps there are before the averaging, 1 or more, or a percentage of
            `steps` such as "75%"; below `steps`.

    Raises:
        ScheduleError: an argument breaks its rule, or no step is left to average.

    Example:
        >>> rate = swa(0.1, 0.05, steps=1000, start="80%")
        >>> rate(0), rate(400), round(rate(560), 12), rate(720), rate(1000)
        (0.1, 0.1, 0.075, 0.05, 0.05)

    Source:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018,
        arXiv:1803.05407.
    """
    if start >= steps:
        raise ScheduleError(f"`start` must be below `steps`, got {start} of {steps}")
    high = round(0.5 * start)
    fall = max(1, round(0.9 * start) - high)
    return Constant(peak, high) >> Linear(peak, end, fall) >> Constant(end, steps - high - fall)


@recipe("swa_cyclical")
def swa_cyclical(peak: Rate, end: Rate, cycle: Steps) -> Schedule:
    """Cyclical rates for SWA: linear from `peak` down to `end`, over and over.

    SWA averages the weights after each cycle.

    The paper's formula counts iterations from 1, (1 - t) · `peak` + t · `end` with
    t = (mod(i - 1, c) + 1) / c, and schedules count from 0: update k has i = k + 1. So every cycle
    begins one step below `peak`, and its last update has `end` itself, after which the weights are
    averaged. It follows a pretraining of your own: `pretraining >> swa_cyclical(...)`.

    Args:
        peak: the rate from which each cycle falls, the paper's alpha_1.
        end: the rate of each cycle's last update, its alpha_2.
        cycle: how many updates a cycle has, its c, 1 or more; with 1, the rate is `end`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = swa_cyclical(0.5, 0.1, cycle=4)
        >>> [round(rate(t), 6) for t in range(6)]
        [0.4, 0.3, 0.2, 0.1, 0.4, 0.3]

    Source:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018,
        arXiv:1803.05407.
    """
    first = peak + (end - peak) / cycle
    return (Linear(first, end, cycle - 1) >> Constant(end, 1)).repeat()
