"""DeiT."""

from glissando.errors import ScheduleError
from glissando.families import Cosine, Linear
from glissando.recipes.arguments import OneOrMore
from glissando.recipes.registry import recipe
from glissando.rules import Count, Rate, Steps
from glissando.schedule import Schedule


@recipe("deit")
def deit(
    steps_per_epoch: Steps,
    batch: OneOrMore = 1024,
    base: Rate = 5e-4,
    epochs: OneOrMore = 300,
    warmup_epochs: Count = 5,
    start: Rate = 1e-6,
    end: Rate = 1e-5,
) -> Schedule:
    r"""DeiT training: linear warm-up to a peak in proportion to the batch, then cosine decay.

    The peak is 5e-4 for 512 images, so 1e-3 for the paper's 1,024. The first rate and the last are
    those of the authors' code, where the cosine begins at step 0, underneath the warm-up, as here;
    the code moves the rate once an epoch: `.hold_each(steps_per_epoch)` does.

    Args:
        steps_per_epoch: the number of updates in an epoch, 1 or more.
        batch: how many images an update sees, 1 or more.
        base: the rate for 512 images.
        epochs: the length of the whole, 1 or more epochs.
        warmup_epochs: the length of the warm-up, 0 or more epochs.
        start: the rate of step 0, where there is a warm-up.
        end: the rate after the last epoch.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up takes all the epochs.

    Example:
        >>> rate = deit(steps_per_epoch=1251)
        >>> rate(0), round(rate(5 * 1251), 6), rate(300 * 1251)
        (1e-06, 0.000999, 1e-05)

    Source::

        @misc{touvron2020training,
          author = {Touvron, Hugo and Cord, Matthieu and Douze, Matthijs and Massa, Francisco and
            Sablayrolles, Alexandre and Jégou, Hervé},
          title = {Training data-efficient image transformers \& distillation through attention},
          year = {2020},
          eprint = {2012.12877},
          archivePrefix = {arXiv}
        }
    """
    if warmup_epochs >= epochs:
        raise ScheduleError(
            f"`warmup_epochs` must be below `epochs`, got {warmup_epochs} of {epochs}"
        )
    peak, steps = base * batch / 512, epochs * steps_per_epoch
    warmup = warmup_epochs * steps_per_epoch
    decay = Cosine(peak, end, steps)
    return Linear(start, peak, warmup) >> decay.drop(warmup)
