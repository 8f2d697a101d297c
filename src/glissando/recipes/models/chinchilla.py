"""Chinchilla."""

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero, OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Rate
from glissando.schedule import Schedule


@recipe("chinchilla")
def chinchilla(
    tokens: OneOrMore = 1_400_000_000_000,
    batch: OneOrMore = 3_000_000,
    peak: Rate = 1e-4,
    warmup: LengthOrZero = 1500,
    start: Rate = 1e-7,
) -> Schedule:
    r"""Chinchilla pretraining: linear warm-up, then cosine decay to a tenth, ending with the run.

    The paper's point is the length: a cosine made for over a quarter more tokens than the run
    then has costs quality, so `tokens` are those that the run has. The defaults are those of the
    model of 70 billion parameters. Its batch doubles midway, from 1.5 million tokens; here it has
    one size. The warm-up is that of Gopher, whose training the paper follows: it does not state
    its own.

    Args:
        tokens: how many tokens the whole training has, 1 or more.
        batch: how many tokens an update sees, 1 or more; the steps are rounded up.
        peak: the highest rate.
        warmup: the length of the warm-up, 0 or more steps.
        start: the rate of step 0, where there is a warm-up.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than the run.

    Example:
        >>> rate = chinchilla(tokens=20_000_000_000, batch=200_000)
        >>> rate(0), rate(1500), rate(100_000), rate.steps
        (1e-07, 0.0001, 1e-05, 100000)

    Source::

        @misc{hoffmann2022training,
          author = {Hoffmann, Jordan and Borgeaud, Sebastian and Mensch, Arthur and others},
          title = {Training Compute-Optimal Large Language Models},
          year = {2022},
          eprint = {2203.15556},
          archivePrefix = {arXiv}
        }
        @misc{rae2021scaling,
          author = {Rae, Jack W. and Borgeaud, Sebastian and Cai, Trevor and others},
          title = {Scaling Language Models: Methods, Analysis \& Insights from Training
            {Gopher}},
          year = {2021},
          eprint = {2112.11446},
          archivePrefix = {arXiv}
        }
    """
    decay = updates_for(tokens, batch) - warmup
    return Linear(start, peak, warmup) >> Cosine(peak, peak / 10, decay)
