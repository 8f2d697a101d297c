"""MiniCPM."""

from glissando.families import Constant, Geometric, Linear
from glissando.recipes.arguments import LengthOrZero, OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("minicpm")
def minicpm(
    warmup: LengthOrZero,
    peak: Rate = 0.01,
    tokens: OneOrMore = 1_000_000_000_000,
    batch: OneOrMore = 3_930_000,
    half_life: Steps = 5000,
) -> Schedule:
    """MiniCPM training: linear warm-up, a stable rate, then exponential decay without an end.

    The rate rises in a straight line from 0, and decays as 0.5^(k / `half_life`), k being the steps
    since the decay began. It never ends: the paper's formula has no last step, and the fine-tuning
    after it goes on with the rate that the decay has come to. The paper trains on 1.1 trillion
    tokens in all, which leaves about 0.1 trillion for the decay; it does not state the length of
    its warm-up, so that has no default. Its peak is meant for a model with Tensor Program scaling;
    others want a lower one. `wsd` is the same schedule with other cooldowns, which end.

    Args:
        warmup: the length of the warm-up, 0 or more steps.
        peak: the stable rate; step `warmup` is the first to have it.
        tokens: how many tokens the warm-up and the stable rate have together, 1 or more.
        batch: how many tokens an update sees, 1 or more; the steps are rounded up.
        half_life: the steps in which the decay halves the rate, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up takes more than the `tokens`.

    Example:
        >>> rate = minicpm(warmup=10, tokens=100_000, batch=1000, half_life=50)
        >>> rate(0), rate(5), rate(10), rate(100), rate(150), rate(200)
        (0.0, 0.005, 0.01, 0.01, 0.005, 0.0025)

    Source::

        @misc{hu2024minicpm,
          author = {Hu, Shengding and Tu, Yuge and Han, Xu and He, Chaoqun and others},
          title = {{MiniCPM}: Unveiling the Potential of Small Language Models with Scalable
            Training Strategies},
          year = {2024},
          eprint = {2404.06395},
          archivePrefix = {arXiv}
        }
    """
    stable = Constant(peak, updates_for(tokens, batch) - warmup)
    return Linear(0.0, peak, warmup) >> stable >> Geometric(peak, ratio=0.5, every=half_life)
