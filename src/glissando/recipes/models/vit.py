"""Vision Transformer."""

from typing import Literal

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import LengthOrZero
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule

SHAPES = {"linear": Linear, "cosine": Cosine}


@recipe("vit")
def vit(
    steps: Steps,
    peak: Rate = 8e-4,
    warmup: LengthOrZero = 10_000,
    shape: Literal["linear", "cosine"] = "linear",
) -> Schedule:
    """Vision Transformer (ViT) training: linear warm-up, then linear or cosine decay to 0.

    The paper trains on large data with linear decay, at 8e-4 or less on JFT-300M and 1e-3 on
    ImageNet-21k, and on ImageNet alone with cosine decay at 3e-3; always 4,096 images an update.
    It does not say where the decay begins: here after the warm-up, as in the authors' later code,
    whose linear decay ends at 1e-5 and not at 0. Fine-tuning takes the cosine; that code's default
    is `vit(20_000, peak=0.03, warmup=500, shape="cosine")`, for SGD.

    Args:
        steps: the length of the whole, 1 or more.
        peak: the highest rate.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "3%".
        shape: how the rate falls, "linear" or "cosine".

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `steps`.

    Example:
        >>> rate = vit(steps=90_000)
        >>> rate(0), rate(10_000), rate(50_000), rate(90_000)
        (0.0, 0.0008, 0.0004, 0.0)

    Source::

        @misc{dosovitskiy2020image,
          author = {Dosovitskiy, Alexey and Beyer, Lucas and Kolesnikov, Alexander and others},
          title = {An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale},
          year = {2020},
          eprint = {2010.11929},
          archivePrefix = {arXiv}
        }
    """
    return Linear(0.0, peak, warmup) >> SHAPES[shape](peak, 0.0, steps - warmup)
