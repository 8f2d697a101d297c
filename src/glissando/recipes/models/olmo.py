"""OLMo and OLMo 2."""

from glissando.errors import ScheduleError
from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero, OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Rate
from glissando.schedule import Schedule


@recipe("olmo")
def olmo(
    tokens: OneOrMore = 2_000_000_000_000,
    batch: OneOrMore = 2048 * 2048,
    peak: Rate = 3e-4,
    warmup: LengthOrZero = 5000,
) -> Schedule:
    """OLMo pretraining: linear warm-up, then linear decay to a tenth of the peak.

    The defaults are those of the model of 7 billion parameters; that of 1 billion has a peak of
    4e-4. The paper leaves open from which rate the warm-up starts. In the authors' code of that
    time it starts from a tenth of the peak: so it does here. The paper's run had 2 trillion tokens
    in its configuration, was evaluated at 2.46 trillion, and brought the rate down to 0 over its
    last 1,000 steps: the recipe leaves that out.

    Args:
        tokens: how many tokens the whole training has, 1 or more.
        batch: how many tokens an update sees, 1 or more; the steps are rounded up.
        peak: the highest rate.
        warmup: the length of the warm-up, 0 or more steps.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than the run.

    Example:
        >>> rate = olmo()
        >>> [f"{rate(t):.3g}" for t in (0, 5000, 476_838)], rate.steps
        (['3e-05', '0.0003', '3e-05'], 476838)

    Source::

        @misc{groeneveld2024olmo,
          author = {Groeneveld, Dirk and Beltagy, Iz and Walsh, Pete and others},
          title = {{OLMo}: Accelerating the Science of Language Models},
          year = {2024},
          eprint = {2402.00838},
          archivePrefix = {arXiv}
        }
    """
    decay = updates_for(tokens, batch) - warmup
    return Linear(peak / 10, peak, warmup) >> Linear(peak, peak / 10, decay)


@recipe("olmo2")
def olmo2(
    tokens: OneOrMore = 3_895_000_000_000,
    cosine_tokens: OneOrMore = 5_000_000_000_000,
    anneal_tokens: OneOrMore = 50_000_000_000,
    batch: OneOrMore = 1024 * 4096,
    peak: Rate = 3e-4,
    warmup: LengthOrZero = 2000,
) -> Schedule:
    """OLMo 2 pretraining: linear warm-up, cosine decay left before its end, then linear to 0.

    The defaults are those of the model of 7 billion parameters, as the authors' configurations
    have them: a cosine made for 5 trillion tokens, down to a tenth of the peak, left at step
    928,646, which is after 3.895 trillion. Their second stage begins at 6.15e-5, 0.2 % above what
    the cosine gives there. It is run three times, and the models are averaged.

    Args:
        tokens: how many tokens the first stage has, 1 or more.
        cosine_tokens: how many tokens the warm-up and the whole cosine would take, `tokens` or
            more.
        anneal_tokens: how many tokens the linear decay to 0 takes, 1 or more.
        batch: how many tokens an update sees, 1 or more; each number of steps is rounded up.
        peak: the highest rate.
        warmup: the length of the warm-up, 0 or more steps.

    Raises:
        ScheduleError: an argument breaks its rule, the warm-up is longer than the first stage, or
            this has more tokens than the cosine.

    Example:
        >>> rate = olmo2()
        >>> rate(0), rate(2000), rate.steps
        (0.0, 0.0003, 940562)
        >>> f"{rate(928_641):.3g}", rate(940_562)
        ('6.14e-05', 0.0)

    Source::

        @misc{walsh2024olmo2,
          author = {Walsh, Pete and Soldaini, Luca and Groeneveld, Dirk and Lo, Kyle and others},
          title = {2 {OLMo} 2 Furious},
          year = {2024},
          eprint = {2501.00656},
          archivePrefix = {arXiv}
        }
    """
    if tokens > cosine_tokens:
        raise ScheduleError(
            f"`tokens` must be at most `cosine_tokens`, got {tokens} and {cosine_tokens}"
        )
    leave = updates_for(tokens, batch)
    if warmup > leave:
        raise ScheduleError(
            f"`warmup` must be at most the {leave} steps that see `tokens`, got {warmup}"
        )
    cosine = Cosine(peak, peak / 10, updates_for(cosine_tokens, batch) - warmup)
    trunk = Linear(0.0, peak, warmup) >> cosine
    return trunk.branch(leave, Linear(1.0, 0.0, updates_for(anneal_tokens, batch)))
