"""ConvNeXt."""

from glissando.families import Cosine, Linear
from glissando.recipes.arguments import OneOrMore
from glissando.recipes.registry import recipe
from glissando.rules import Count, Rate, Steps
from glissando.schedule import Schedule


@recipe("convnext")
def convnext(
    steps_per_epoch: Steps,
    batch: OneOrMore = 4096,
    base: Rate = 4e-3,
    epochs: OneOrMore = 300,
    warmup_epochs: Count = 20,
    end: Rate = 1e-6,
) -> Schedule:
    """ConvNeXt training on ImageNet-1K: long linear warm-up, then cosine decay.

    The paper's rate is 4e-3 for 4,096 images. That another batch has one in proportion is a choice
    made here: the authors accumulate gradients to keep 4,096. The last rate is the default of their
    code, where the warm-up's last update has the peak already, and the next has it again.

    Args:
        steps_per_epoch: the number of updates in an epoch, 1 or more.
        batch: how many images an update sees, 1 or more.
        base: the rate for 4,096 images.
        epochs: the length of the whole, 1 or more epochs.
        warmup_epochs: the length of the warm-up, 0 or more epochs.
        end: the rate after the last epoch.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `epochs`.

    Example:
        >>> rate = convnext(steps_per_epoch=312)
        >>> rate(0), rate(10 * 312), rate(20 * 312), rate(300 * 312)
        (0.0, 0.002, 0.004, 1e-06)

    Source::

        @misc{liu2022convnet,
          author = {Liu, Zhuang and Mao, Hanzi and Wu, Chao-Yuan and Feichtenhofer, Christoph and
            Darrell, Trevor and Xie, Saining},
          title = {A {ConvNet} for the 2020s},
          year = {2022},
          eprint = {2201.03545},
          archivePrefix = {arXiv}
        }
    """
    peak, warmup = base * batch / 4096, warmup_epochs * steps_per_epoch
    decay = epochs * steps_per_epoch - warmup
    return Linear(0.0, peak, warmup) >> Cosine(peak, end, decay)
