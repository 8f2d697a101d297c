"""The 1cycle policy: up and down once, and then to almost nothing."""

from typing import Annotated

from glissando.families.linear import Linear
from glissando.recipes.registry import recipe
from glissando.rules import MAX_RATE, STEPS, Number, Rate, ScheduleError, Steps
from glissando.schedule import Schedule

Divisor = Annotated[float, Number(1, MAX_RATE)]


@recipe("one_cycle")
def one_cycle(
    peak: Rate,
    steps: Steps,
    div: Divisor = 10.0,
    final_div: Divisor = 1e4,
    annihilation: int | None = None,
) -> Schedule:
    """Smith's 1cycle: a line up, an equally long line down, a short line to almost nothing.

    It starts at `peak` / `div`, and ends at `peak` / `div` / `final_div`.

    Certain in the papers: one cycle with straight sides of equal length, shorter than the
    training, and then a fall to several orders of magnitude below the start. A start of a 10th or
    a 20th of the peak is their advice for a single cycle. They fix neither how long the last
    phase is, nor its shape, nor how far it falls: a tenth of the steps, a straight line and 10,000
    are choices made here, the last as PyTorch and Optax have it. Those libraries' `OneCycleLR` and
    `cosine_onecycle_schedule` are other curves: two cosines, the peak after 30 %. So is
    `keras_tip.one_cycle`, which falls geometrically and never ends.

    The papers move momentum the opposite way in the same cycle; that takes a second schedule.

    Args:
        peak: the highest rate, that of the step in the middle of the cycle.
        steps: the length of the whole, 3 or more.
        div: how many times lower than `peak` the cycle starts and ends, 1 or more.
        final_div: how many times lower than the start the last rate is, 1 or more.
        annihilation: how many of the `steps` the last phase takes, 1 or more; by default a tenth,
            rounded. It also takes the odd step that two equal sides leave over.

    Raises:
        ScheduleError: an argument breaks its rule, or fewer than 2 steps are left for the cycle.

    Example:
        >>> rate = one_cycle(1.0, steps=1000)
        >>> rate(0), rate(450), rate(900), rate(1000)
        (0.1, 1.0, 0.1, 1e-05)

    Source::

        @misc{smith2018disciplined,
          author = {Smith, Leslie N.},
          title = {A disciplined approach to neural network hyper-parameters: Part 1 -- learning
            rate, batch size, momentum, and weight decay},
          year = {2018},
          eprint = {1803.09820},
          archivePrefix = {arXiv}
        }
        @misc{smith2017superconvergence,
          author = {Smith, Leslie N. and Topin, Nicholay},
          title = {Super-Convergence: Very Fast Training of Neural Networks Using Large Learning
            Rates},
          year = {2017},
          eprint = {1708.07120},
          archivePrefix = {arXiv}
        }
    """
    if annihilation is None:
        annihilation = max(1, round(steps / 10))
    last = int(STEPS.check(annihilation, "one_cycle: `annihilation`"))
    half = (steps - last) // 2
    if half < 1:
        raise ScheduleError(
            "one_cycle: `annihilation` must leave 2 steps or more for the cycle, "
            f"got {last} of {steps}"
        )
    start = peak / div
    cycle = Linear(start, peak, half) >> Linear(peak, start, half)
    return cycle >> Linear(start, start / final_div, steps - 2 * half)
