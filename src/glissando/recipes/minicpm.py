"""Warm-up, a stable rate, decay."""

from typing import Literal

from glissando.combinators.chain import Chain
from glissando.families.constant import Constant
from glissando.families.linear import Linear
from glissando.families.sqrt import Sqrt
from glissando.recipes.registry import Length, LengthOrZero, recipe
from glissando.rules import Rate, ScheduleError, Steps, shown
from glissando.schedule import Schedule

COOLDOWNS: dict[str, type[Linear] | type[Sqrt]] = {"linear": Linear, "sqrt": Sqrt}


@recipe("wsd")
def wsd(
    peak: Rate,
    steps: Steps,
    warmup: LengthOrZero,
    cooldown: Length,
    shape: Literal["linear", "sqrt"] = "linear",
    end: Rate = 0.0,
) -> Schedule:
    """Warm-up, a stable rate, decay (WSD): a trapezoid.

    The rate rises in a straight line from 0, stays at `peak` for what `warmup` and `cooldown`
    leave of `steps`, and comes down to `end`. The first paper, which names the schedule, leaves
    the shape of the decay open and itself decays exponentially over the last tenth; both shapes
    here are of the second one, which finds "sqrt" the better, over about a fifth.

    Args:
        peak: the stable rate; step `warmup` is the first to have it.
        steps: the length of the whole, 1 or more.
        warmup: the length of the way up, 0 or more steps, or a share of `steps` such as "3%".
        cooldown: the length of the way down, 1 or more, or a share.
        shape: "linear", or "sqrt" for 1 - √(the share of the cooldown that is gone).
        end: the rate at `steps` and after.

    Raises:
        ScheduleError: an argument breaks its rule, or warm-up and cooldown take more than all
            `steps`.

    Example:
        >>> rate = wsd(0.001, steps=1000, warmup=100, cooldown=200, shape="sqrt")
        >>> rate(50), rate(100), rate(800), rate(850), rate(1000)
        (0.0005, 0.001, 0.001, 0.0005, 0.0)

    Source::

        @misc{hu2024minicpm,
          author = {Hu, Shengding and Tu, Yuge and Han, Xu and He, Chaoqun and others},
          title = {{MiniCPM}: Unveiling the Potential of Small Language Models with Scalable
            Training Strategies},
          year = {2024},
          eprint = {2404.06395},
          archivePrefix = {arXiv}
        }
        @inproceedings{hagele2024scaling,
          author = {Hägele, Alexander and Bakouch, Elie and Kosson, Atli and Ben Allal, Loubna and
            Von Werra, Leandro and Jaggi, Martin},
          title = {Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations},
          booktitle = {Advances in Neural Information Processing Systems},
          year = {2024},
          eprint = {2405.18392},
          archivePrefix = {arXiv}
        }
    """
    if not isinstance(shape, str) or shape not in COOLDOWNS:
        raise ScheduleError(f"wsd: `shape` must be 'linear' or 'sqrt', got {shown(shape)}")
    stable = steps - warmup - cooldown
    if stable < 0:
        raise ScheduleError(
            "wsd: `warmup` and `cooldown` must take at most all `steps`, "
            f"got {warmup} and {cooldown} of {steps}"
        )
    rise = [Linear(0.0, peak, warmup)] if warmup else []
    top = [Constant(peak, stable)] if stable else []
    fall = COOLDOWNS[shape](peak, end, cooldown)
    return Chain([*rise, *top, fall]) if rise or top else fall
