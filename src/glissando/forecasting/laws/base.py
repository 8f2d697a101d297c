"""What all laws have in common: a loss from the rates that a run has used."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.forecasting.history import EXACT, Array, History
from glissando.rules import COUNT, MAX_RATE, Many, Number
from glissando.schedule import Schedule
from glissando.value import Value

STEPS = Many(COUNT, "a list of whole steps, each above the one before", increasing=True)

Level = Annotated[float, Number(-MAX_RATE, MAX_RATE)]
Amount = Annotated[float, Number(0, MAX_RATE)]
Exponent = Annotated[float, Number(0, 100)]
Unit = Annotated[float, Number(0, MAX_RATE, above=True)]


class Prior(NamedTuple):
    """What is known of a parameter before a fit: about `value`, within a factor of e^`spread`.

    A spread of 0 fixes the parameter.
    """

    value: float
    spread: float
    source: str


class Law(Value):
    """A law of the loss: what a run that follows a schedule comes to.

    Call it with a schedule and steps, get losses. `rate` and `steps` are the units in which the
    law counts rates and steps; with 1 and 1 its parameters are those of its paper.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    """The fields that are fitted: the first is the loss that no training falls below."""

    linear: ClassVar[tuple[str, ...]] = ()
    """Those by which the loss is linear."""

    priors: ClassVar[dict[str, Prior]] = {}
    """What is known of them."""

    last: ClassVar[tuple[int, ...]] = (1, 8, 64)
    """How many steps before a point the history has edges."""

    bins: ClassVar[int] = 100
    """About how many bins it has, beside those that its corners and points need."""

    clock: ClassVar[float] = 1.0
    """The power of the rates whose sum is the law's time."""

    @property
    def rate(self) -> float:
        """The unit of rates: a field of each law, as `steps` is."""
        raise NotImplementedError

    @property
    def steps(self) -> float:
        """The unit of steps."""
        raise NotImplementedError

    def __call__(self, schedule: Schedule, steps: int | Sequence[int]) -> Any:
        """Return the loss after `steps` updates: a float, or an array for a list of steps.

        Up to 65,536 updates each is summed by itself; in a longer run they are summed in bins,
        to within 1e-4 of the loss.

        Raises:
            ScheduleError: there are no steps, one is below the one before, or all rates before
                it are 0.
        """
        one = isinstance(steps, int)
        points = STEPS.check([steps] if one else steps, f"{type(self).__name__}: `steps`")
        if not points or points[0] == 0:
            raise ScheduleError(
                f"{type(self).__name__}: `steps` must be 1 or more, got {shown(steps)}"
            )
        history = self.history(schedule, points, exact=points[-1] <= EXACT)
        if not history.sums[history.at[0]]:
            raise ScheduleError(
                f"{type(self).__name__}: `steps` must lie after the first rate above 0, "
                f"got {points[0]}"
            )
        losses = self.losses(history)
        return float(losses[0]) if one else losses

    def history(
        self, schedule: Schedule, points: Sequence[int] | Array, *, exact: bool = False
    ) -> History:
        """Return the history of a run in this law's units."""
        return self.history_in(self.rate, self.steps, schedule, points, exact=exact)

    @classmethod
    def history_in(
        cls,
        rate: float,
        steps: float,
        schedule: Schedule,
        points: Sequence[int] | Array,
        *,
        exact: bool = False,
    ) -> History:
        """Return the history of a run in any units, with the bins and the clock of this law."""
        return History(
            schedule,
            points,
            rate,
            steps,
            exact=exact,
            last=cls.last,
            bins=cls.bins,
            clock=cls.clock,
        )

    def losses(self, history: History) -> Array:
        """Return the losses at the points of a history."""
        return self.evaluate(history, *(getattr(self, name) for name in self.parameters))[0]

    @staticmethod
    @abstractmethod
    def evaluate(history: History, *parameters: float) -> tuple[Array, dict[str, Array]]:
        """Return the losses, and their derivative by each parameter."""
