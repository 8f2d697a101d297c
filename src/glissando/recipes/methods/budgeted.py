"""Budgeted training: a decay that ends exactly with the updates that there are."""

from glissando.families import Linear, Rex
from glissando.recipes.registry import recipe
from glissando.rules import Rate, Steps
from glissando.schedule import Schedule


@recipe("budgeted_linear")
def budgeted_linear(peak: Rate, steps: Steps) -> Schedule:
    """Budgeted training: linear decay to 0 over exactly the steps that there are.

    The paper compares shapes under a budget of updates and finds linear decay robust, if it ends
    with the budget.

    Args:
        peak: the first rate.
        steps: the budget: how many updates there are, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = budgeted_linear(0.1, steps=1000)
        >>> rate(0), rate(500), rate(1000)
        (0.1, 0.05, 0.0)

    Source::

        @misc{li2019budgeted,
          author = {Li, Mengtian and Yumer, Ersin and Ramanan, Deva},
          title = {Budgeted Training: Rethinking Deep Neural Network Training Under Resource
            Constraints},
          year = {2019},
          eprint = {1905.04753},
          archivePrefix = {arXiv}
        }
    """
    return Linear(peak, 0.0, steps)


@recipe("budgeted_rex")
def budgeted_rex(peak: Rate, steps: Steps) -> Schedule:
    """Budgeted training with REX: slow decay at first, then ever faster, to 0 with the last step.

    With s the remaining fraction of the budget, the rate is `peak` · s / (1/2 + s/2), at every
    update.

    Args:
        peak: the first rate.
        steps: the budget: how many updates there are, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> rate = budgeted_rex(0.3, steps=1000)
        >>> rate(0), round(rate(500), 12), rate(1000)
        (0.3, 0.2, 0.0)

    Source::

        @misc{chen2021rex,
          author = {Chen, John and Wolfe, Cameron and Kyrillidis, Anastasios},
          title = {{REX}: Revisiting Budgeted Training with an Improved Schedule},
          year = {2021},
          eprint = {2107.04197},
          archivePrefix = {arXiv}
        }
    """
    return Rex(peak, 0.0, steps)
