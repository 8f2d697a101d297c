"""Cyclical learning rates (CLR): linear up and down, over and over.

Source::

    @inproceedings{smith2017cyclical,
      author = {Smith, Leslie N.},
      title = {Cyclical Learning Rates for Training Neural Networks},
      booktitle = {IEEE Winter Conference on Applications of Computer Vision},
      year = {2017},
      pages = {464--472},
      doi = {10.1109/WACV.2017.58},
      eprint = {1506.01186},
      archivePrefix = {arXiv}
    }
"""

from glissando.errors import ScheduleError
from glissando.families import Geometric, Linear
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Ratio, Steps
from glissando.schedule import Schedule


@recipe("triangular")
def triangular(base: Rate, peak: Rate, step_size: Steps) -> Schedule:
    """Cyclical learning rate (CLR): linear from `base` up to `peak` and down again, for ever.

    The numbers are those of PyTorch's `CyclicLR` in its mode of the same name.

    Args:
        base: the lowest rate, that of step 0.
        peak: the highest rate, `base` or more.
        step_size: the length of half a cycle, 1 or more: `peak` is the rate of step `step_size`.
            The paper advises 2 to 10 epochs.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = triangular(0.001, 0.005, step_size=4)
        >>> [round(rate(t), 6) for t in range(9)]
        [0.001, 0.002, 0.003, 0.004, 0.005, 0.004, 0.003, 0.002, 0.001]

    Source:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, arXiv:1506.01186.
    """
    _check_order(base, peak)
    return _triangle(base, peak, step_size).repeat()


@recipe("triangular2")
def triangular2(base: Rate, peak: Rate, step_size: Steps) -> Schedule:
    """Cyclical learning rate (CLR) whose triangles are each half as high as the one before.

    The height is that above `base`; otherwise it is `triangular`. The numbers are those of
    PyTorch's `CyclicLR` in its mode of the same name.

    Args:
        base: the lowest rate, that of step 0.
        peak: the highest rate of the first cycle, `base` or more.
        step_size: the length of half a cycle, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = triangular2(0.001, 0.005, step_size=4)
        >>> [round(rate(t), 6) for t in (0, 4, 8, 12, 16, 20)]
        [0.001, 0.005, 0.001, 0.003, 0.001, 0.002]

    Source:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, arXiv:1506.01186.
    """
    _check_order(base, peak)
    return _triangle(0.0, peak - base, step_size).repeat(scale=0.5) + base


@recipe("exp_range")
def exp_range(base: Rate, peak: Rate, step_size: Steps, gamma: Ratio) -> Schedule:
    """Cyclical learning rate (CLR) whose triangles shrink exponentially, by `gamma` each step.

    It is `triangular` with the height above `base` times a power of `gamma`. The exponent is the
    step, not the cycle, so the sides are bent. The numbers are those of PyTorch's `CyclicLR` in
    its mode of the same name.

    Args:
        base: the lowest rate, that of step 0.
        peak: what the first cycle would reach without decay, `base` or more.
        step_size: the length of half a cycle, 1 or more.
        gamma: the factor of the height at each step, above 0, at most 1; the paper's experiments
            have 0.99994.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = exp_range(0.0, 1.0, step_size=4, gamma=0.5)
        >>> rate(0), rate(1), rate(2), rate(4)
        (0.0, 0.125, 0.125, 0.0625)

    Source:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, arXiv:1506.01186.
    """
    _check_order(base, peak)
    return _triangle(0.0, peak - base, step_size).repeat() * Geometric(1.0, gamma) + base


def _triangle(base: float, peak: float, half: int) -> Schedule:
    return Linear(base, peak, half) >> Linear(peak, base, half)


def _check_order(base: float, peak: float) -> None:
    if base > peak:
        raise ScheduleError(f"`peak` must be at least `base`, got {peak} and {base}")
