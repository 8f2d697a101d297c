"""The idea: a schedule is a frozen value; call it with a step, get a rate."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, overload

from glissando.backends.evaluate import Shape, Tensor, evaluate
from glissando.backends.floats import FLOATS
from glissando.errors import ScheduleError, hint, shown
from glissando.formulas import MAX_DEPTH as MAX_DEPTH
from glissando.formulas import Formula
from glissando.operators import NotNumbers
from glissando.rules import RATE, Many, Rule, plain_number
from glissando.value import Drawn

if TYPE_CHECKING:
    from numpy import dtype, float64, ndarray, number

FAMILIES: dict[str, type["Schedule"]] = {}
"""Every family and combinator by its tag, its name in JSON and in the text form."""

FOR_USERS = (
    "bounce", "branch", "clip", "drop", "fields", "finish", "hold_each", "noise", "open_ended",
    "plot", "repeat", "replace", "reverse", "rewarm", "slow", "steps", "stretch", "strict", "tag",
    "take", "to_data",
)  # fmt: skip
"""What `dir(schedule)` lists beside the fields; the rest is for those who write families."""


class Part(Rule):
    """A schedule inside a schedule; if it is to be `finite`, it must end."""

    def __init__(self, *, finite: bool = False) -> None:
        self.words = "a schedule that ends" if finite else "a schedule"
        self.finite = finite

    def check(self, value: Any, where: str) -> Any:
        if not isinstance(value, Schedule):
            instead = hint(value)
        elif self.finite and value.steps == math.inf:
            instead = "; give it an end with .take(n)"
        else:
            return value
        raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}{instead}")

    def to_data(self, value: Any) -> Any:
        return value.to_data()

    def from_data(self, data: object, where: str, build: Callable[..., Any]) -> Any:
        return build(data, where)

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/schedule", "description": self.words}

    def code(self, value: Any, name: Callable[[Any], str]) -> str:
        return str(value.spell(name))

    def schedules(self, value: Any) -> Iterable[Any]:
        return (value,)


class Schedule(NotNumbers, Drawn, Formula):
    """A frozen value that gives the learning rate of each step.

    Call it with a step, counted from 0, and get the rate: update k of the optimizer uses `s(k)`.
    A Python number gives a float; a NumPy array a float64 array of the same shape; a JAX, PyTorch
    or TensorFlow tensor, traced or not, a tensor of the framework's default float type (float64
    for a float64 step).

    A subclass declares fields, each with a rule, and a formula `at`; it is then checked when
    built, printed, saved, drawn, and run in every framework. The methods that `dir(schedule)` does
    not list are for those who write subclasses.
    """

    def __init_subclass__(cls, *, tag: str = "") -> None:
        """Make the subclass, under its `tag`, a family."""
        super().__init_subclass__(tag=tag)
        if tag:
            FAMILIES[tag] = cls

    def before_end(self, t: Any, m: Any) -> Any:
        """Return the rate at a `t` known to lie before the end."""
        start = getattr(self, "start", None)
        if start is None or self.at(0, FLOATS) == start:
            return self.at(t, m)
        return m.where(t <= 0, start, self.at(t, m))  # rounding would miss the start

    def rate_at(self, t: Any, m: Any) -> Any:
        """Return the rate at any `t` of 0 or more: the formula, then the end held."""
        if self.steps == 0:
            return self.final()
        if self.steps == math.inf:
            return self.before_end(t, m)
        return m.hold(t, self.steps, lambda t: self.before_end(t, m), self.final(), self.lands)

    def final(self) -> float:
        """Return the rate at the end, exactly."""
        end = getattr(self, "end", None)
        return float(self.at(self.steps, FLOATS) if end is None else end)

    @overload
    def __call__(self, step: float) -> float: ...
    @overload
    def __call__(self, step: "ndarray[Shape, Any]") -> "ndarray[Shape, dtype[float64]]": ...
    @overload
    def __call__(self, step: "number[Any]") -> float: ...
    @overload
    def __call__(self, step: Tensor) -> Tensor: ...
    def __call__(self, step: Any = None) -> Any:
        """Return the rate at `step`.

        Raises:
            ScheduleError: `step` is negative, NaN or beyond 2**53 (in a graph: clamped to 0).
            TypeError: `step` is no number, array or tensor.
        """
        if type(step) is int or type(step) is float:
            try:
                rate: Callable[[float], float] = self._scalar  # type: ignore[attr-defined]
            except AttributeError:  # the first call
                from glissando.backends.compiled import scalar

                rate = scalar(self)
                object.__setattr__(self, "_scalar", rate)
            return rate(int(step) if type(step) is float and step.is_integer() else step)
        return evaluate(self, step)

    # The algebra. Combinators are looked up by tag: they are built on this class, not below it.

    def __rshift__(self, other: "Schedule") -> "Schedule":
        """Return this schedule followed by `other`."""
        return FAMILIES["chain"].of(self, other)

    def __mul__(self, other: Any) -> "Schedule":
        """Return the product with a number or a schedule."""
        if isinstance(other, Schedule):
            return FAMILIES["product"].of(self, other)
        return FAMILIES["scale"](self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Schedule":
        """Return the schedule times 1 / `other`, a number above 0."""
        scale: Any = FAMILIES["scale"]
        divided: Schedule = scale.divided(self, other)
        return divided

    def __add__(self, other: Any) -> "Schedule":
        """Return the sum with a number or a schedule."""
        return FAMILIES["sum"].of(self, self.beside(other, "rate + x: `x`"))

    def __radd__(self, other: Any) -> "Schedule":
        """Return the sum with a number; so that `sum` adds up schedules, 0 changes nothing."""
        return self if plain_number(other) == 0 else self + other

    def __sub__(self, other: Any) -> "Schedule":
        """Return the difference to a number or a schedule, which must never be higher."""
        return FAMILIES["difference"].of(self, self.beside(other, "rate - x: `x`"))

    def __rsub__(self, other: Any) -> "Schedule":
        """Return what is missing to a number, which must never be lower: a `Flip`."""
        return FAMILIES["flip"](self, other)

    def beside(self, other: Any, where: str) -> "Schedule":
        """Return an operand as a schedule: a number is a rate that lasts as long as this one."""
        if isinstance(other, Schedule):
            return other
        return FAMILIES["constant"](RATE.check(other, where), self.steps)

    def clip(self, floor: float = 0.0, ceiling: float = math.inf) -> "Schedule":
        """Return the schedule kept between two rates."""
        return FAMILIES["clip"](self, floor, ceiling)

    def take(self, steps: int) -> "Schedule":
        """Return the first `steps` steps; the rate at `steps` then holds."""
        return FAMILIES["take"](self, steps)

    def drop(self, steps: int) -> "Schedule":
        """Return the schedule from `steps` on."""
        return self if steps == 0 else FAMILIES["drop"](self, steps)

    def stretch(self, steps: int) -> "Schedule":
        """Return the schedule stretched, or shrunk, to `steps` steps in all."""
        return FAMILIES["stretch"](self, steps)

    def slow(self, factor: int) -> "Schedule":
        """Return the schedule `factor` times longer, smooth: from epochs to updates."""
        return FAMILIES["slow"](self, factor)

    def hold_each(self, every: int) -> "Schedule":
        """Return the schedule with each rate held for `every` steps: from epochs to updates."""
        return FAMILIES["hold_each"](self, every)

    def repeat(self, times: float = math.inf, scale: float = 1.0) -> "Schedule":
        """Return the schedule over and over, each time `scale` times the last."""
        return FAMILIES["repeat"](self, times, scale)

    def noise(self, scale: float, seed: int = 0) -> "Schedule":
        """Return the schedule with seeded noise of up to `scale` times each rate."""
        return FAMILIES["noise"](self, scale, seed)

    def reverse(self) -> "Schedule":
        """Return the schedule backwards: its end first."""
        return FAMILIES["reverse"](self)

    def bounce(self) -> "Schedule":
        """Return the schedule forwards and backwards for ever."""
        return (self >> self.reverse()).repeat()

    def strict(self) -> "Schedule":
        """Return the schedule that raises past its end, where others hold their end value."""
        return FAMILIES["strict"](self)

    def branch(self, at: int, cooldown: "Schedule") -> "Schedule":
        """Return the schedule up to step `at`, and from there a cooldown from its rate.

        A long run is a trunk, with a branch for each model that is wanted.

        Args:
            at: the first step of the cooldown; what was to follow an open-ended part is left out.
            cooldown: a schedule that begins at 1: fractions of the rate at step `at`.

        Raises:
            ScheduleError: an argument breaks its rule, the cooldown begins at another number than
                1, or the rate at step `at` is 0.

        Example:
            >>> from glissando import Constant, Linear, Sqrt
            >>> trunk = Linear(0.0, 0.2, steps=9) >> Constant(0.2)
            >>> print(trunk.branch(100, Sqrt(1.0, 0.0, steps=20)))
            linear(0.0, 0.2, steps=9) >> constant(0.2, steps=91) >> (sqrt(1.0, 0.0, steps=20) * 0.2)

        Source:
            Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
            Durations", 2024, arXiv:2405.18392.
        """
        chain: Any = FAMILIES["chain"]
        branched: Schedule = chain.branched(self, at, cooldown)
        return branched

    def rewarm(self, at: int, steps: int, then: "Schedule") -> "Schedule":
        """Return the schedule up to step `at`, a line to the first rate of `then`, and `then`.

        A trained model goes on with new data so: its rate, low at the end, is warmed up again.

        Args:
            at: the step at which the rate begins to move.
            steps: how many steps the line takes, 1 or more.
            then: the schedule after it.

        Raises:
            ScheduleError: an argument breaks its rule.

        Example:
            >>> from glissando import Cosine
            >>> both = Cosine(0.5, 0.1, 100).rewarm(100, steps=10, then=Cosine(0.5, 0.1, 90))
            >>> both(100), both(105), both(110), both.steps
            (0.1, 0.30000000000000004, 0.5, 200)

        Source:
            Ibrahim et al., "Simple and Scalable Strategies to Continually Pre-train Large Language
            Models", 2024, arXiv:2403.08763.
        """
        chain: Any = FAMILIES["chain"]
        rewarmed: Schedule = chain.rewarmed(self, at, steps, then)
        return rewarmed

    def open_ended(self) -> "Schedule":
        """Return the schedule as a part whose length is set later, by `finish`."""
        return FAMILIES["open_ended"](self)

    def finish(self, *, steps: int | None = None, at: int | None = None) -> "Schedule":
        """Return the schedule with an end for its open-ended part; earlier rates stay as they are.

        Args:
            steps: how long the whole shall be; give this or `at`.
            at: the step of the whole at which the part ends.

        Raises:
            ScheduleError: there is no such part, it begins after that end, or it cannot end there,
                as one that holds each rate for several steps.

        Example:
            >>> from glissando import Constant, Linear
            >>> trunk = Linear(0.0, 0.5, steps=10) >> Constant(0.5).open_ended()
            >>> trunk.steps, trunk.finish(steps=100).steps
            (inf, 100)
        """
        open_ended: Any = FAMILIES["open_ended"]
        finished: Schedule = open_ended.finished(self, steps, at)
        return finished

    def cut(self, steps: int) -> "Schedule":
        """Return the first steps, in the form in which one would write them."""
        return self if steps == self.steps else self.take(steps)

    @property
    def open_part(self) -> tuple[int, float] | None:
        """Where the open-ended part begins, and how many steps follow it; None without one."""
        return None

    def finished_at(self, at: int) -> "Schedule":
        """Return the schedule with its open-ended part ended at step `at`; `finish` checks it."""
        raise NotImplementedError

    @classmethod
    def of(cls, left: "Schedule", right: "Schedule") -> "Schedule":
        """Return what the operator of this class makes of two schedules."""
        raise NotImplementedError

    # Forms of the value.

    __get_pydantic_core_schema__: ClassVar[Any]  # what is above this floor adds it

    def __str__(self) -> str:
        """Return the text form, which `glissando.parse` reads."""
        return self.spell(lambda cls: cls.tag)

    def __dir__(self) -> list[str]:
        """List what users may use."""
        special = [name for name in super().__dir__() if name.startswith("__")]
        return sorted({*special, *self.fields, *FOR_USERS})


Child = Annotated[Schedule, Part()]
FiniteChild = Annotated[Schedule, Part(finite=True)]
Children = Annotated[Sequence[Schedule], Many(Part(), "a list of schedules")]
