"""nanoGPT."""

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("nanogpt")
def nanogpt(
    peak: Rate = 6e-4, end: Rate = 6e-5, steps: Steps = 600_000, warmup: LengthOrZero = 2000
) -> Schedule:
    """NanoGPT training of a GPT-2: linear warm-up that starts above 0, then cosine decay.

    The first rate is `peak` / (`warmup` + 1), so that no update is lost, as in the code since
    December 2024 (commit dc81cb3); before, it was 0:
    `gl.Linear(0.0, peak, warmup) >> gl.Cosine(peak, end, steps - warmup)`. The code calls the
    arguments `learning_rate`, `min_lr`, `lr_decay_iters` and `warmup_iters`.

    Args:
        peak: the highest rate, that of step `warmup`.
        end: the rate at `steps` and after.
        steps: the length of the whole, warm-up included, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "1%".

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `steps`.

    Example:
        >>> rate = nanogpt(peak=1.0, end=0.1, steps=10, warmup=3)
        >>> rate(0), rate(1), rate(3), rate(10)
        (0.25, 0.5, 1.0, 0.1)

    Source::

        @misc{karpathy2022nanogpt,
          author = {Karpathy, Andrej},
          title = {{nanoGPT}},
          year = {2022},
          url = {https://github.com/karpathy/nanoGPT}
        }
    """
    return Linear(peak / (warmup + 1), peak, warmup) >> Cosine(peak, end, steps - warmup)
