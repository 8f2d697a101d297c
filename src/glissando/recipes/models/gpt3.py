"""GPT-3."""

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Count, Rate
from glissando.schedule import Schedule


@recipe("gpt3")
def gpt3(
    peak: Rate = 6e-5,
    batch: OneOrMore = 3_200_000,
    warmup_tokens: Count = 375_000_000,
    decay_tokens: OneOrMore = 260_000_000_000,
) -> Schedule:
    """GPT-3 pretraining: linear warm-up, cosine decay to a tenth of the peak, which then holds.

    The defaults are those of the largest model. The peaks and the tokens in a batch, by the
    parameters of the model: 6e-4 and 0.5 million for 125 million; 3e-4 and 0.5 million for 350
    million; 2.5e-4 and 0.5 million for 760 million; 2e-4 and 1 million for 1.3 billion; 1.6e-4 and
    1 million for 2.7 billion; 1.2e-4 and 2 million for 6.7 billion; 1e-4 and 2 million for 13
    billion. All are trained on 300 billion tokens.

    The paper leaves open whether the first update has a rate of 0, as it does here. Its batch
    grows over the first 4 to 12 billion tokens; here it has one size, so the warm-up takes fewer
    updates than theirs.

    Args:
        peak: the highest rate.
        batch: how many tokens an update sees, 1 or more.
        warmup_tokens: how many tokens the warm-up takes, 0 or more, rounded up to whole updates.
        decay_tokens: how many tokens the warm-up and the cosine take together, 1 or more, rounded
            up to whole updates; from there on the rate is a tenth of the peak.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `decay_tokens`.

    Example:
        >>> rate = gpt3()
        >>> rate(0), rate(118), rate(81_250), rate.steps
        (0.0, 6e-05, 6e-06, 81250)

    Source::

        @misc{brown2020language,
          author = {Brown, Tom B. and Mann, Benjamin and Ryder, Nick and Subbiah, Melanie and
            others},
          title = {Language Models are Few-Shot Learners},
          year = {2020},
          eprint = {2005.14165},
          archivePrefix = {arXiv}
        }
    """
    warmup, steps = updates_for(warmup_tokens, batch), updates_for(decay_tokens, batch)
    return Linear(0.0, peak, warmup) >> Cosine(peak, peak / 10, steps - warmup)
