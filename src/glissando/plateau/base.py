"""What is driven by a metric: its state, its settings, and a schedule on it."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, cast

from glissando.errors import ScheduleError, one_of, shown
from glissando.rules import COUNT, MAX_RATE, Choice, Count, Maybe, Number, Ratio, Rule
from glissando.schedule import Child, Schedule
from glissando.text.data import from_data
from glissando.value import Drawn, Value, entries

if TYPE_CHECKING:
    from typing_extensions import Self


Mode = Annotated[str, Choice("min", "max")]
THRESHOLD_MODE = Choice("rel", "abs")
ThresholdMode = Annotated[str, THRESHOLD_MODE]
Threshold = Annotated[float, Number(0, MAX_RATE)]


class Metric(Rule):
    """A finite metric."""

    words = "finite"

    def check(self, value: Any, where: str) -> float:
        metric = number(value, where)
        if not math.isfinite(metric):
            raise ScheduleError(f"{where} must be {self.words}, got {metric}")
        return metric


class PlateauState(Value):
    """What a plateau remembers between two metrics.

    Args:
        factor: what the rate is multiplied by now.
        best: the best metric so far, or None before the first.
        bad: how many metrics in a row have not improved on it.
        cooldown: how many metrics of the cooldown are still to come.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    factor: Ratio = 1.0
    best: Annotated[float | None, Maybe(Metric())] = None
    bad: Count = 0
    cooldown: Count = 0

    def shown_fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.fields}

    @classmethod
    def from_data(cls, data: object) -> "Self":
        """Return the state that a JSON form describes.

        Raises:
            ScheduleError: a field is unknown, missing, or breaks its rule.
        """
        return cls(**entries(cls, data, every=True))


State = TypeVar("State", bound=PlateauState)


class MetricDriven(Value, Generic[State]):
    """What a schedule can be on: settings, and how a metric takes a state to the next one."""

    memory: ClassVar[type[PlateauState]]

    if TYPE_CHECKING:  # fields of every subclass, each in an order of its own

        @property
        def factor(self) -> float: ...
        @property
        def patience(self) -> int: ...
        @property
        def mode(self) -> str: ...
        @property
        def threshold(self) -> float: ...
        @property
        def threshold_mode(self) -> str | None: ...

    def check(self) -> None:
        name = type(self).__name__
        if self.factor == 1:
            raise ScheduleError(f"{name}: `factor` must be below 1, got 1.0")
        if self.threshold_mode == "rel" and self.threshold >= 1:
            raise ScheduleError(
                f"{name}: a relative `threshold` must be below 1, the whole of the metric, "
                f"got {self.threshold}"
            )

    def init(self) -> State:
        """Return the state before the first metric."""
        return cast("State", self.memory())

    def update(self, state: State, metric: Any) -> State:
        """Return the state after one more metric.

        Args:
            state: the state so far; it stays as it is.
            metric: a number, or a 0-d array or tensor.

        Raises:
            ScheduleError: `metric` is no number.
        """
        raise NotImplementedError

    def improves(self, metric: float, best: float | None) -> bool:
        """Return whether a metric is better than the best so far by the threshold."""
        if not math.isfinite(metric):
            return False
        if best is None:
            return True
        metric, bar = self._compared(metric, best)
        return metric > bar if self.mode == "max" else metric < bar

    def _compared(self, metric: float, best: float) -> tuple[float, float]:
        """Return the metric, and the bar that it has to pass."""
        delta = self.threshold if self.mode == "max" else -self.threshold
        if self.threshold_mode == "rel":
            # below zero a fraction of the best would be a step back: it is added the other way
            return metric, best * (1.0 + delta if best >= 0 else 1.0 - delta)
        return metric, best + delta

    def on(self, schedule: Schedule, after: int = 0) -> "OnPlateau":
        """Return a schedule whose rate this one moves; see `OnPlateau`."""
        return OnPlateau(schedule, self, after)

    @classmethod
    def from_data(cls, data: object) -> "Self":
        """Return the value that a JSON form describes.

        Raises:
            ScheduleError: a field is unknown or breaks its rule.
        """
        return cls(**entries(cls, data))


def plateau_of(data: object) -> MetricDriven[Any]:
    """Return the settings that a JSON form describes, of the kind that its `type` names.

    Raises:
        ScheduleError: there is no such kind, or an entry is unknown or breaks its rule.
    """
    kinds: dict[str, Any] = {kind.tag: kind for kind in MetricDriven.__subclasses__()}
    tag: Any = data.get("type") if isinstance(data, Mapping) else None
    one_of(tag, list(kinds), "OnPlateau: the `type` of `plateau`")
    plateau: MetricDriven[Any] = kinds[tag].from_data(data)
    return plateau


class _OfPlateau(Rule):
    words = "a gl.Plateau or a gl.Greedy"

    def check(self, value: Any, where: str) -> Any:
        if not isinstance(value, MetricDriven):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value

    def to_data(self, value: Any) -> Any:
        return value.to_data()


class OnPlateau(Drawn, Value, tag="on_plateau"):
    """A schedule that a metric moves: the rate is `schedule(step)` times the state's factor.

    Args:
        schedule: the schedule.
        plateau: a `Plateau`, which lowers the rate, or a `Greedy`, which raises it, too.
        after: how many updates of the optimizer come before it monitors the metric, 0 or more: the
            warm-up, during which a metric that rises or stays means nothing.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> import glissando as gl
        >>> warm_up = gl.Linear(0.0, 0.1, steps=100)
        >>> rate = gl.Plateau("torch", factor=0.5, patience=2).on(warm_up, after=100)
        >>> state = rate.init()
        >>> for step in range(0, 300, 50):  # the loss stays as it is
        ...     state = rate.update(state, 1.0, step)
        >>> rate(300, state)
        0.05
    """

    schedule: Child
    plateau: Annotated[MetricDriven[Any], _OfPlateau()]
    after: Count = 0

    @property
    def steps(self) -> float:
        """How many steps the schedule has, infinite if it never ends."""
        return self.schedule.steps

    def init(self) -> PlateauState:
        """Return the state before the first metric."""
        state: PlateauState = self.plateau.init()
        return state

    def update(self, state: PlateauState, metric: Any, step: int) -> PlateauState:
        """Return the state after one more metric, observed when `step` updates were done.

        Raises:
            ScheduleError: `metric` is no number, or `step` is no step.
        """
        done = COUNT.check(step, "OnPlateau: `step`")
        return state if done < self.after else self.plateau.update(state, metric)

    def __call__(self, step: Any = None, state: PlateauState | None = None) -> Any:
        """Return the rate at `step`: a number, an array or a tensor, as the schedule's."""
        if state is None:  # so Keras's optimizers call what is no schedule of their own
            raise TypeError(
                "OnPlateau: `state` is missing. A schedule on a plateau is called with a step and "
                "a state, as rate(100, rate.init()); in training an adapter keeps the state: in "
                "Keras, callbacks=[gl.keras.LearningRateScheduler(rate)]"
            )
        return self.schedule(step) * state.factor

    @classmethod
    def from_data(cls, data: object, allow_imports: Sequence[str] = ()) -> "OnPlateau":
        """Return what a JSON form describes.

        Args:
            data: the JSON form.
            allow_imports: where functions may be imported from: see `glissando.loads`.

        Raises:
            ScheduleError: a field is unknown, missing, or breaks its rule.
        """
        found = entries(cls, data)
        return cls(
            from_data(found["schedule"], allow_imports=allow_imports),
            plateau_of(found["plateau"]),
            found.get("after", 0),
        )

    def __repr__(self) -> str:
        """Return the Python code that builds it."""
        after = f", after={self.after}" if self.after else ""
        return f"{self.plateau!r}.on({self.schedule!r}{after})"


def number(value: Any, where: str) -> float:
    """Return a metric as a float, NaN and infinities too, or raise about `where`."""
    if not isinstance(value, bool | str | bytes) and value is not None:
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ScheduleError(f"{where} must be a number, got {shown(value)}")
