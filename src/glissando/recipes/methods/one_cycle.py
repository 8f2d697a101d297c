"""The 1cycle policy: its paper's, PyTorch's and fastai's."""

from itertools import pairwise
from typing import Literal

from glissando.errors import ScheduleError
from glissando.families import Cosine, CosineTable, Linear, Table
from glissando.recipes.arguments import Divisor, Length
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Share, Steps
from glissando.schedule import Schedule


@recipe("one_cycle")
def one_cycle(
    peak: Rate,
    steps: Steps,
    div: Divisor = 10.0,
    final_div: Divisor = 1e4,
    annihilation: Length | None = None,
) -> Schedule:
    """Smith's 1cycle policy: linear up, as long linear down, then linear to almost nothing.

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
        annihilation: how many of the `steps` the last phase takes, 1 or more, or a percentage of
            them such as "10%"; by default a tenth, rounded. It also takes the odd step that two
            equal sides leave over.

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
    last = max(1, round(steps / 10)) if annihilation is None else annihilation
    half = (steps - last) // 2
    if half < 1:
        raise ScheduleError(
            f"`annihilation` must leave 2 steps or more for the cycle, got {last} of {steps}"
        )
    start = peak / div
    cycle = Linear(start, peak, half) >> Linear(peak, start, half)
    return cycle >> Linear(start, start / final_div, steps - 2 * half)


@recipe("one_cycle_torch")
def one_cycle_torch(
    peak: Rate,
    steps: Steps,
    pct_start: Share = 0.3,
    shape: Literal["cos", "linear"] = "cos",
    div: Divisor = 25.0,
    final_div: Divisor = 1e4,
    three_phase: bool = False,
) -> Schedule:
    """PyTorch's 1cycle (`OneCycleLR`), of two phases or three, whose last rate is held.

    The rates are those of PyTorch's `OneCycleLR` for updates 0 to `steps` - 1, the last of which
    has the last rate. PyTorch's next rate would be another and the one after an error
    (`gl.dialects.torch.OneCycleLR` has both); here the last one is held. The peak comes one step
    before `pct_start` · `steps`; where that is between two steps, no step has it.

    Args:
        peak: the highest rate.
        steps: how many updates there are, 2 or more.
        pct_start: the fraction of the steps in which the rate rises, 0 to 1.
        shape: "cos" for half cosines, "linear" for straight lines.
        div: how many times lower than `peak` the first rate is, 1 or more.
        final_div: how many times lower than the first rate the last is, 1 or more.
        three_phase: whether the rate falls to the first one in as many steps as it rose, and from
            there to the last, as in Smith's; otherwise it falls straight to the last.

    Raises:
        ScheduleError: an argument breaks its rule, or a phase would have no length.

    Example:
        >>> rate = one_cycle_torch(1.0, steps=100)
        >>> rate(0), rate(29), round(rate(99), 9), rate.steps
        (0.04, 1.0, 4e-06, 99)

    Source::

        @misc{paszke2019pytorch,
          author = {Paszke, Adam and Gross, Sam and Massa, Francisco and others},
          title = {{PyTorch}: An Imperative Style, High-Performance Deep Learning Library},
          year = {2019},
          eprint = {1912.01703},
          archivePrefix = {arXiv}
        }
    """
    first, rise = peak / div, pct_start * steps - 1
    rates, ends = [first, peak, first / final_div], [0.0, rise, steps - 1.0]
    if three_phase:
        rates.insert(2, first)
        ends.insert(2, 2 * rise)
    if any(a >= b for a, b in pairwise(ends)):
        raise ScheduleError(
            f"`pct_start` must leave every phase some of the steps, got {pct_start} of {steps}"
        )
    return (CosineTable if shape == "cos" else Table)(rates, ends)


@recipe("one_cycle_fastai")
def one_cycle_fastai(
    peak: Rate,
    steps: Steps,
    pct_start: Share = 0.25,
    div: Divisor = 25.0,
    div_final: Divisor = 1e5,
) -> Schedule:
    """Fastai's 1cycle (`fit_one_cycle`): half a cosine up, half a cosine down to almost nothing.

    The curve of fastai's `fit_one_cycle`, for a number of steps. Both divisors are of the peak;
    where the peak is between two steps, no step has it. fastai keeps `pct_start` in float32, so
    that for some fractions its peak is a little elsewhere: `gl.dialects.fastai.fit_one_cycle` has
    that. fastai moves momentum the opposite way; that takes a second schedule.

    Args:
        peak: the highest rate.
        steps: the length of the whole, 1 or more.
        pct_start: the fraction of the steps in which the rate rises, 0 to 1.
        div: how many times lower than `peak` the first rate is, 1 or more.
        div_final: how many times lower than `peak` the last rate is, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = one_cycle_fastai(1.0, steps=100)
        >>> rate(0), rate(25), rate(100)
        (0.04, 1.0, 1e-05)

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
    first, last = peak / div, peak / div_final
    if pct_start in (0, 1):
        return Cosine(first, peak, steps) if pct_start else Cosine(peak, last, steps)
    return CosineTable([first, peak, last], [0, pct_start * steps, steps])
