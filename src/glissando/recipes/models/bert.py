"""BERT."""

from glissando.errors import ScheduleError
from glissando.families import Linear
from glissando.recipes.arguments import LengthOrZero
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("bert")
def bert(peak: Rate = 1e-4, steps: Steps = 1_000_000, warmup: LengthOrZero = 10_000) -> Schedule:
    """BERT pretraining: linear warm-up, then linear decay to 0.

    The paper gives the rate, the warm-up, and the steps, of 256 sequences each. It leaves open
    where the decay begins. In the authors' code it begins at step 0, underneath the warm-up: so it
    does here, and at step `warmup` the rate drops to `peak` * (1 - `warmup` / `steps`), by 1 % with
    the paper's numbers. As in that code, the first update has a rate of 0.

    Args:
        peak: the rate that the warm-up rises towards, and from which the decay begins.
        steps: the step that has the rate 0, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "1%".

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up takes all the steps.

    Example:
        >>> rate = bert()
        >>> [f"{rate(t):.3g}" for t in (0, 5000, 10_000, 500_000, 1_000_000)]
        ['0', '5e-05', '9.9e-05', '5e-05', '0']

    Source::

        @misc{devlin2018bert,
          author = {Devlin, Jacob and Chang, Ming-Wei and Lee, Kenton and Toutanova, Kristina},
          title = {{BERT}: Pre-training of Deep Bidirectional Transformers for Language
            Understanding},
          year = {2018},
          eprint = {1810.04805},
          archivePrefix = {arXiv}
        }
    """
    if warmup >= steps:
        raise ScheduleError(f"`warmup` must be below `steps`, got {warmup} of {steps}")
    decay = Linear(peak, 0.0, steps)
    return Linear(0.0, peak, warmup) >> decay.drop(warmup)
