"""Residual networks (ResNet) on ImageNet and CIFAR, and wide ones."""

from typing import Annotated

from glissando.families import Constant, Piecewise
from glissando.recipes.registry import recipe
from glissando.rules import Number, Rate, Steps
from glissando.schedule import Schedule

FIRST, SECOND, LAST = 32_000, 48_000, 64_000  # updates of 128 images

Warmup = Annotated[int, Number(0, FIRST - 1, whole=True)]


@recipe("resnet_cifar")
def resnet_cifar(peak: Rate = 0.1, warmup: Warmup = 0) -> Schedule:
    """ResNet on CIFAR-10: step decay, a tenth at 32,000 updates and again at 48,000; 64,000 in all.

    The paper's network of 110 layers first trains at 0.01 until the training error is below 80 %,
    "about 400 iterations", and then goes on as the others do. No schedule knows the error:
    `warmup=400` fixes the number, and counts those updates among the 32,000. The paper does not
    say whether it counts them.

    Args:
        peak: the highest rate.
        warmup: how many updates are made at a tenth of `peak` before, 0 or more, below 32,000.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = resnet_cifar(warmup=400)
        >>> rate(399), rate(400), rate(32_000), rate(48_000), rate.steps
        (0.01, 0.1, 0.01, 0.001, 64000)

    Source::

        @misc{he2015deep,
          author = {He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian},
          title = {Deep Residual Learning for Image Recognition},
          year = {2015},
          eprint = {1512.03385},
          archivePrefix = {arXiv}
        }
    """
    steps = Piecewise([peak, peak / 10, peak / 100], [FIRST, SECOND], LAST)
    return Constant(peak / 10, warmup) >> steps.drop(warmup)


@recipe("resnet_imagenet")
def resnet_imagenet(steps_per_epoch: Steps, peak: Rate = 0.1) -> Schedule:
    """ResNet on ImageNet: step decay, a tenth after 30 epochs and again after 60; 90 in all.

    The paper divides the rate by 10 "when the error plateaus" and trains for up to 600,000 updates
    of 256 images, which is 120 epochs. Dividing every 30 epochs is what Facebook's
    reimplementation (fb.resnet.torch) does, and most since.

    Args:
        steps_per_epoch: the number of updates in an epoch, 1 or more; 5005 for 256 images.
        peak: the first rate, that for 256 images an update.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = resnet_imagenet(steps_per_epoch=5005)
        >>> rate(150_149), rate(150_150), rate(300_300), rate.steps
        (0.1, 0.01, 0.001, 450450)

    Source::

        @misc{he2015deep,
          author = {He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian},
          title = {Deep Residual Learning for Image Recognition},
          year = {2015},
          eprint = {1512.03385},
          archivePrefix = {arXiv}
        }
    """
    *milestones, last = (epoch * steps_per_epoch for epoch in (30, 60, 90))
    return Piecewise([peak, peak / 10, peak / 100], milestones, last)


@recipe("wide_resnet_cifar")
def wide_resnet_cifar(steps_per_epoch: Steps = 391, peak: Rate = 0.1) -> Schedule:
    """Wide ResNet on CIFAR: step decay, a fifth after 60, 120 and 160 epochs; 200 in all.

    An epoch has 391 updates of 128 images. The authors' PyTorch code counts epochs from 1 and
    divides when the 60th begins, an epoch earlier than "at 60" means here.

    Args:
        steps_per_epoch: the number of updates in an epoch, 1 or more.
        peak: the first rate.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = wide_resnet_cifar()
        >>> rate(60 * 391 - 1), rate(60 * 391), rate(120 * 391), rate(160 * 391), rate.steps
        (0.1, 0.02, 0.004, 0.0008, 78200)

    Source::

        @misc{zagoruyko2016wide,
          author = {Zagoruyko, Sergey and Komodakis, Nikos},
          title = {Wide Residual Networks},
          year = {2016},
          eprint = {1605.07146},
          archivePrefix = {arXiv}
        }
    """
    *milestones, last = (epoch * steps_per_epoch for epoch in (60, 120, 160, 200))
    return Piecewise([peak, peak / 5, peak / 25, peak / 125], milestones, last)
