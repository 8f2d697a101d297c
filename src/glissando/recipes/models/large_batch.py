"""Training with large batches: ResNet-50 in an hour, and the optimizers LARS and LAMB."""

import math

from glissando.families import Linear, Piecewise, Polynomial
from glissando.recipes.arguments import LengthOrZero, OneOrMore, updates_for
from glissando.recipes.registry import recipe
from glissando.rules import Power, Rate, Steps
from glissando.schedule import Schedule

LAMB_BATCH, LAMB_PEAK = 32_768, 0.005  # the largest batch of LAMB's paper, and the rate for it


@recipe("resnet50_large_batch")
def resnet50_large_batch(
    steps_per_epoch: Steps, batch: OneOrMore = 8192, base: Rate = 0.1
) -> Schedule:
    """ResNet-50 on ImageNet with a large batch: a rate in proportion to it, after a warm-up.

    The rate for 256 images rises in 5 epochs to that for `batch`, and is divided by 10 after 30,
    60 and 80 epochs of 90, the warm-up's included. Up to 256 images there is nothing to warm up.

    Args:
        steps_per_epoch: the number of updates in an epoch, 1 or more.
        batch: how many images an update sees on all devices together, 1 or more.
        base: the rate for 256 images, from which a larger batch's rises.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = resnet50_large_batch(steps_per_epoch=157)
        >>> rate(0), rate(5 * 157), rate(30 * 157), rate(60 * 157), rate(80 * 157)
        (0.1, 3.2, 0.32, 0.032, 0.0032)
        >>> resnet50_large_batch(steps_per_epoch=5005, batch=256)(0)
        0.1

    Source::

        @misc{goyal2017accurate,
          author = {Goyal, Priya and Dollár, Piotr and Girshick, Ross and Noordhuis, Pieter and
            Wesolowski, Lukasz and Kyrola, Aapo and Tulloch, Andrew and Jia, Yangqing and He,
            Kaiming},
          title = {Accurate, Large Minibatch {SGD}: Training {ImageNet} in 1 Hour},
          year = {2017},
          eprint = {1706.02677},
          archivePrefix = {arXiv}
        }
    """
    peak = base * batch / 256
    warmup, *milestones, last = (epoch * steps_per_epoch for epoch in (5, 30, 60, 80, 90))
    steps = Piecewise([peak, peak / 10, peak / 100, peak / 1000], milestones, last)
    return Linear(base, peak, warmup) >> steps.drop(warmup) if peak > base else steps


@recipe("lars")
def lars(peak: Rate, steps: Steps, warmup: LengthOrZero, power: Power = 2.0) -> Schedule:
    """Training with LARS: linear warm-up, then polynomial decay of power 2 to 0.

    The paper's ResNet-50 trains 100 epochs, the first 5 of them warm-up with up to 8K images an
    update (`peak` 9 for 1K, 30 for 8K), and 12 with more (33 for 16K, 40 for 32K); its AlexNet has
    2. It does not say from which rate the warm-up starts, nor whether the decay begins under it:
    from 0, and after it, here.

    Args:
        peak: the highest rate, that of step `warmup`.
        steps: the length of the whole, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "5%".
        power: the power of the polynomial, above 0.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than `steps`.

    Example:
        >>> rate = lars(8.0, steps=100, warmup=20)
        >>> rate(0), rate(10), rate(20), rate(60), rate(100)
        (0.0, 4.0, 8.0, 2.0, 0.0)

    Source::

        @misc{you2017large,
          author = {You, Yang and Gitman, Igor and Ginsburg, Boris},
          title = {Large Batch Training of Convolutional Networks},
          year = {2017},
          eprint = {1708.03888},
          archivePrefix = {arXiv}
        }
    """
    return Linear(0.0, peak, warmup) >> Polynomial(peak, 0.0, steps - warmup, power)


@recipe("lamb")
def lamb(
    batch: OneOrMore = LAMB_BATCH, sequences: OneOrMore = 512_000_000, warmup: LengthOrZero = 3125
) -> Schedule:
    """BERT with LAMB: linear warm-up to a peak by the root of the batch, linear decay to 0.

    The paper doubles the fraction of the warm-up with the batch, from 1/320 of a million updates
    at 512 sequences to 1/5 of 15,625 at 32,768: always 3,125 updates. Its formula for the decay,
    the peak times 1 - t/T, does not say how the two join: here t counts from the end of the
    warm-up. Its training in two phases, the second with longer sequences, is not here.

    Args:
        batch: how many sequences an update sees, 1 or more.
        sequences: how many the training sees, 1 or more; rounded up to whole updates.
        warmup: the length of the warm-up, 0 or more updates.

    Raises:
        ScheduleError: an argument breaks its rule, or the warm-up is longer than the run.

    Example:
        >>> rate = lamb()
        >>> rate(0), rate(3125), rate(15_625), lamb(batch=512)(3125)
        (0.0, 0.005, 0.0, 0.000625)

    Source::

        @misc{you2019large,
          author = {You, Yang and Li, Jing and Reddi, Sashank and Hseu, Jonathan and Kumar,
            Sanjiv and Bhojanapalli, Srinadh and Song, Xiaodan and Demmel, James and Keutzer, Kurt
            and Hsieh, Cho-Jui},
          title = {Large Batch Optimization for Deep Learning: Training {BERT} in 76 minutes},
          year = {2019},
          eprint = {1904.00962},
          archivePrefix = {arXiv}
        }
    """
    peak = LAMB_PEAK * math.sqrt(batch / LAMB_BATCH)
    steps = updates_for(sequences, batch)
    return Linear(0.0, peak, warmup) >> Linear(peak, 0.0, steps - warmup)
