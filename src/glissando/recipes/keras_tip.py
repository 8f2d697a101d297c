"""The five schedules of a Keras tip, number for number.

The tip, "Learning Rate Scheduling with Callbacks", hands functions of the epoch to Keras's
`LearningRateScheduler`. Each recipe here gives exactly its numbers; use them per epoch.

Source::

    @misc{dzlab2020scheduling,
      author = {{dzlab}},
      title = {Learning Rate Scheduling with Callbacks},
      howpublished = {DL Tips, tip 23},
      year = {2020},
      url = {https://dzlab.github.io/dltips/en/keras/learning-rate-scheduler/}
    }
"""

from glissando.errors import ScheduleError
from glissando.families import Constant, Exponential, Geometric, InverseTime, Linear
from glissando.recipes.registry import recipe
from glissando.rules import Count, Factor, Rate, Ratio
from glissando.schedule import Schedule

UNIT = "epoch"
"""What a step of these recipes is."""


@recipe("keras_tip.constant")
def constant(start_lr: Rate = 0.001) -> Schedule:
    """Constant rate: the same in every epoch.

    Args:
        start_lr: the rate.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> constant()(7)
        0.001
    """
    return Constant(start_lr)


@recipe("keras_tip.time_based_decay")
def time_based_decay(start_lr: Rate = 0.001, decay: Factor = 0.1) -> Schedule:
    """Time-based decay: the rate falls as one over time.

    Args:
        start_lr: the rate of epoch 0.
        decay: how fast it falls, 0 or more: after 1 / `decay` epochs the rate is half.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> time_based_decay()(10)
        0.0005
    """
    return InverseTime(start_lr, decay)


@recipe("keras_tip.exponential_decay")
def exponential_decay(start_lr: Rate = 0.001, exp_decay: Factor = 0.1) -> Schedule:
    """Exponential decay: the rate falls by the same factor at each epoch.

    Args:
        start_lr: the rate of epoch 0.
        exp_decay: the exponent per epoch, 0 or more; 0.1 loses about 10 % an epoch.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> exponential_decay()(10)
        0.00036787944117144236
    """
    return Exponential(start_lr, exp_decay)


@recipe("keras_tip.constant_then_exponential")
def constant_then_exponential(
    start_lr: Rate = 0.001, rampup_epochs: Count = 10, exp_decay: Factor = 0.1
) -> Schedule:
    """Constant rate, a jump down, then exponential decay.

    The jump is the tip's own: its exponent counts from epoch 0, not from the end of the constant
    part, so at epoch 10 the rate drops at once to e^-1 of what it was. The smooth alternative
    starts the decay where the constant ends:
    `gl.Constant(0.001, steps=10) >> gl.Exponential(0.001, rate=0.1)`.

    Args:
        start_lr: the rate of the constant part.
        rampup_epochs: the length of the constant part, 0 or more.
        exp_decay: the exponent per epoch, 0 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> jump = constant_then_exponential()
        >>> jump(9), jump(10)
        (0.001, 0.00036787944117144236)
        >>> smooth = Constant(0.001, steps=10) >> Exponential(0.001, rate=0.1)
        >>> smooth(9), smooth(10), smooth(11)
        (0.001, 0.001, 0.0009048374180359595)
    """
    decay = Exponential(start_lr, exp_decay)
    return Constant(start_lr, rampup_epochs) >> decay.drop(rampup_epochs)


@recipe("keras_tip.one_cycle")
def one_cycle(
    start_lr: Rate = 0.0001,
    min_lr: Rate = 0.00001,
    max_lr: Rate = 0.001,
    rampup_epochs: Count = 10,
    sustain_epochs: Count = 0,
    exp_decay: Ratio = 0.8,
) -> Schedule:
    """The tip's one cycle: linear warm-up, then exponential decay towards a minimum.

    It is not Smith's 1cycle policy, which falls in a straight line and then anneals to almost
    nothing: `gl.recipes.one_cycle` is that one. Here the rate never quite reaches `min_lr`, and the
    schedule never ends.

    Args:
        start_lr: the rate of epoch 0.
        min_lr: the rate that the decay approaches, at most `max_lr`.
        max_lr: the rate at the top.
        rampup_epochs: the length of the warm-up, 0 or more.
        sustain_epochs: how long the top is held, 0 or more.
        exp_decay: the factor of the height above `min_lr` at each epoch, above 0, at most 1.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> cycle = one_cycle()
        >>> cycle(0), cycle(10), cycle(11)
        (0.0001, 0.001, 0.0008020000000000001)

    Source::

        @misc{trainingdataanalyst,
          author = {{Google Cloud Platform}},
          title = {Keras Flowers {TPU} {Xception} fine tuned best},
          howpublished = {training-data-analyst, courses/fast-and-lean-data-science, notebook 07},
          url = {https://github.com/GoogleCloudPlatform/training-data-analyst}
        }
    """
    if min_lr > max_lr:
        raise ScheduleError(f"`min_lr` must be at most `max_lr`, got {min_lr} and {max_lr}")
    rise = Linear(start_lr, max_lr, rampup_epochs)
    decay = Geometric(max_lr - min_lr, exp_decay) + min_lr
    return rise >> Constant(max_lr, sustain_epochs) >> decay
