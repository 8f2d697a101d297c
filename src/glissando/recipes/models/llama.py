"""LLaMA and Llama 3."""

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero, OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("llama")
def llama(
    tokens: OneOrMore = 1_000_000_000_000,
    batch: OneOrMore = 4_000_000,
    peak: Rate = 3e-4,
    warmup: LengthOrZero = 2000,
) -> Schedule:
    """LLaMA pretraining: linear warm-up, then cosine decay to a tenth of the peak.

    The defaults are those of the models of 7 and 13 billion parameters. Those of 33 and 65 billion
    have a peak of 1.5e-4 and 1.4 trillion tokens. The paper leaves open from which rate the
    warm-up starts, from 0 here, and whether the cosine's length counts the warm-up, as it does
    here.

    Args:
        tokens: how many tokens the whole training has, 1 or more.
        batch: how many tokens an update sees, 1 or more; the steps are rounded up.
        peak: the highest rate.
        warmup: the length of the warm-up, 0 or more steps.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than the run.

    Example:
        >>> rate = llama()
        >>> [f"{rate(t):.3g}" for t in (0, 1000, 2000, 250_000)], rate.steps
        (['0', '0.00015', '0.0003', '3e-05'], 250000)

    Source::

        @misc{touvron2023llama,
          author = {Touvron, Hugo and Lavril, Thibaut and Izacard, Gautier and others},
          title = {{LLaMA}: Open and Efficient Foundation Language Models},
          year = {2023},
          eprint = {2302.13971},
          archivePrefix = {arXiv}
        }
    """
    decay = updates_for(tokens, batch) - warmup
    return Linear(0.0, peak, warmup) >> Cosine(peak, peak / 10, decay)


@recipe("llama3")
def llama3(peak: Rate = 8e-5, steps: Steps = 1_200_000, warmup: LengthOrZero = 8000) -> Schedule:
    """Llama 3 initial pretraining: linear warm-up, then cosine decay to a hundredth of the peak.

    The defaults are those of the model of 405 billion parameters, the only ones that the paper
    gives. It leaves open from which rate the warm-up starts, from 0 here, and whether the steps of
    the cosine include the warm-up, as they do here. The paper's run ends with linear decay to 0
    over its last 40 million tokens, which is left out here;
    `rate.branch(at, gl.Linear(1.0, 0.0, steps))` adds one.

    Args:
        peak: the highest rate.
        steps: the length of the whole, warm-up included, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "1%".

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `steps`.

    Example:
        >>> rate = llama3()
        >>> [f"{rate(t):.3g}" for t in (0, 4000, 8000, 1_200_000)]
        ['0', '4e-05', '8e-05', '8e-07']

    Source::

        @misc{grattafiori2024llama3,
          author = {Grattafiori, Aaron and Dubey, Abhimanyu and Jauhri, Abhinav and others},
          title = {The {Llama} 3 Herd of Models},
          year = {2024},
          eprint = {2407.21783},
          archivePrefix = {arXiv}
        }
    """
    return Linear(0.0, peak, warmup) >> Cosine(peak, peak / 100, steps - warmup)
