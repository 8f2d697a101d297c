"""Warmup-stable-decay (WSD), also called a trapezoid."""

from collections.abc import Callable
from typing import Literal

from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, Linear, LogLinear, MirrorCosine, Polynomial, Sqrt
from glissando.recipes.arguments import Length, LengthOrZero
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


def _square(start: float, end: float, steps: int) -> Schedule:
    return Polynomial(end, start, steps, 2.0).reverse()


COOLDOWNS: dict[str, Callable[[float, float, int], Schedule]] = {
    "linear": Linear,
    "sqrt": Sqrt,
    "cosine": Cosine,
    "mirror_cosine": MirrorCosine,
    "square": _square,
    "exponential": LogLinear,
}


@recipe("wsd")
def wsd(
    peak: Rate,
    steps: Steps,
    warmup: LengthOrZero,
    cooldown: Length,
    shape: Literal["linear", "sqrt", "cosine", "mirror_cosine", "square", "exponential"] = "linear",
    end: Rate = 0.0,
) -> Schedule:
    """Warmup-stable-decay (WSD), a trapezoid: linear warm-up, a stable rate, and a cooldown.

    The rate rises in a straight line from 0, stays at `peak` for what `warmup` and `cooldown`
    leave of `steps`, and falls to `end`. The first paper, which names the schedule, leaves the
    shape of the decay open and itself decays exponentially over the last tenth; the shapes here
    are those that the second one compares, which finds "sqrt" the best, over about a fifth.

    Args:
        peak: the stable rate; step `warmup` is the first to have it.
        steps: the length of the whole, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "3%".
        cooldown: the length of the cooldown, 1 or more, or a percentage.
        shape: how it falls, f being the elapsed fraction of the cooldown: "linear"; "sqrt",
            1 - √f; "cosine"; "mirror_cosine", as far below the straight line as the cosine is
            above it and the other way round; "square", 1 - f²; or "exponential", by the same
            factor at each step.
        end: the rate at `steps` and after; above 0 for "exponential".

    Raises:
        ScheduleError: an argument breaks its rule, or warm-up and cooldown take more than all
            `steps`; `end` is 0 or above `peak` and the shape exponential.

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
    if shape == "exponential" and not 0 < end <= peak:
        raise ScheduleError(
            f"`end` must be above 0 and at most `peak` where `shape` is 'exponential', got {end}"
        )
    stable = steps - warmup - cooldown
    if stable < 0:
        raise ScheduleError(
            "`warmup` and `cooldown` must take at most all `steps`, "
            f"got {warmup} and {cooldown} of {steps}"
        )
    decay = COOLDOWNS[shape](peak, end, cooldown)
    return Linear(0.0, peak, warmup) >> Constant(peak, stable) >> decay
