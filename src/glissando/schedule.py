"""The idea: a schedule is a frozen value; call it with a step, get a rate."""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from glissando.evaluation import evaluate
from glissando.ops import Floats
from glissando.rules import MAX_RATE, RATE, Many, Part, ScheduleError

if sys.version_info >= (3, 11):
    from typing import dataclass_transform
else:
    from typing_extensions import dataclass_transform

MAX_DEPTH = 32
"""How deep schedules may be nested; a chain is flat, so its length does not count."""

FAMILIES: dict[str, type["Schedule"]] = {}
"""Every family and combinator by its tag, its name in JSON and in the text form."""


@dataclass_transform(frozen_default=True, eq_default=True)
class Schedule:
    """A frozen value that gives the learning rate of each step.

    Call it with a step, counted from 0, and get the rate: update k of the optimizer uses `s(k)`.
    A Python number gives a float; a NumPy array a float64 array of the same shape; a JAX, PyTorch
    or TensorFlow tensor, traced or not, a tensor of the framework's default float type (float64
    for a float64 step).

    A subclass declares fields, each with a rule, and a formula `at`; it is then checked when
    built, printed, saved, drawn, and run in every framework.
    """

    tag: ClassVar[str] = ""
    fields: ClassVar[dict[str, Any]]  # each field's default, or dataclasses.MISSING
    rules: ClassVar[dict[str, Any]]  # each field's rule
    symbol: ClassVar[str] = ""  # the operator that builds it, if there is one

    if TYPE_CHECKING:

        def __init__(self, *values: Any, **named: Any) -> None: ...

        @property
        def steps(self) -> float:
            """How many steps the schedule takes to its end; math.inf if it never ends."""

    def __init_subclass__(cls, *, tag: str = "") -> None:
        """Make the subclass a frozen dataclass and, under its `tag`, a family."""
        # what is the same in all of them is written once, below: the import would take longer
        dataclass(repr=False, eq=False)(cls)
        fields_: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]  # just made one
        cls.fields = {field.name: field.default for field in fields_}
        cls.rules = {field.name: field.type.__metadata__[0] for field in fields_}  # type: ignore[union-attr]
        # `help` and notebooks show the signature: plain types say more there than rules do
        plain = {field.name: field.type.__origin__ for field in fields_}  # type: ignore[union-attr]
        vars(cls)["__init__"].__annotations__.update(plain)
        if tag:
            cls.tag = tag
            FAMILIES[tag] = cls

    def __post_init__(self) -> None:
        """Hold every field to its rule, so that no built schedule can go wrong later."""
        name = type(self).__name__
        for field, rule in self.rules.items():
            checked = rule.check(getattr(self, field), f"{name}: `{field}`")
            object.__setattr__(self, field, checked)
        self.check()
        if "steps" not in self.rules:
            object.__setattr__(self, "steps", self.length())
        depth = 1 + max((part._depth for part in self.parts_of()), default=0)
        if depth > MAX_DEPTH:
            raise ScheduleError(f"{name}: schedules may be nested {MAX_DEPTH} deep, got {depth}")
        object.__setattr__(self, "_depth", depth)
        if MAX_RATE < self.bound() < math.inf:
            raise ScheduleError(
                f"{name}: rates must stay at most {MAX_RATE:g}, got up to {self.bound():g}"
            )

    _depth: ClassVar[int] = 1

    def check(self) -> None:
        """Hold the fields to the rules that bind several of them; raise `ScheduleError`."""

    def length(self) -> float:
        """Return `steps` where it is not a field: a family without an end has none."""
        return math.inf

    def at(self, t: Any, m: Any) -> Any:
        """Return the formula's value at `t`, in the operations of `m`."""
        raise NotImplementedError

    def inside(self, t: Any, m: Any) -> Any:
        """Return the rate at a `t` known to lie before the end."""
        start = getattr(self, "start", None)
        if start is None or self.at(0, Floats) == start:
            return self.at(t, m)
        return m.where(t <= 0, start, self.at(t, m))  # where rounding would miss the start

    def follow(self, t: Any, m: Any) -> Any:
        """Return the rate at any `t` of 0 or more: the formula, then the end held."""
        if self.steps == math.inf:
            return self.inside(t, m)
        return m.hold(t, self.steps, lambda t: self.inside(t, m), self.final())

    def final(self) -> float:
        """Return the rate at the end, exactly."""
        end = getattr(self, "end", None)
        return float(self.at(self.steps, Floats) if end is None else end)

    def __call__(self, step: Any) -> Any:
        """Return the rate at `step`.

        Raises:
            ScheduleError: `step` is negative, NaN or beyond 2**53 (in a graph: clamped to 0).
            TypeError: `step` is no number, array or tensor.
        """
        if type(step) is int or type(step) is float:
            try:
                rate: Callable[[float], float] = self._scalar  # type: ignore[attr-defined]
            except AttributeError:  # the first call
                from glissando.compiled import scalar

                rate = scalar(self)
                object.__setattr__(self, "_scalar", rate)
            return rate(step)
        return evaluate(self, step)

    def bound(self) -> float:
        """Return an upper bound of the rate: the schedule's full scale."""
        rates: list[float] = []
        for field, rule in self.rules.items():
            if rule is RATE:
                rates.append(getattr(self, field))
            elif isinstance(rule, Many) and rule.member is RATE:
                rates.extend(getattr(self, field))
        return max(rates)

    def breaks(self, low: int = 0) -> Iterator[int]:
        """Yield, in order, the steps of `low` or more at which the formula changes.

        The steps may be endless, as the restarts of a repeated schedule are.
        """
        if low <= self.steps < math.inf:
            yield int(self.steps)

    def parts_of(self) -> Iterator["Schedule"]:
        """Yield the schedules that this one is made of."""
        for field, rule in self.rules.items():
            if isinstance(rule, Part):
                yield getattr(self, field)
            elif isinstance(rule, Many) and isinstance(rule.member, Part):
                yield from getattr(self, field)

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

    def __add__(self, other: Any) -> "Schedule":
        """Return the sum with a number or a schedule."""
        if not isinstance(other, Schedule):
            other = FAMILIES["constant"](other, self.steps)
        return FAMILIES["sum"].of(self, other)

    __radd__ = __add__

    def clip(self, floor: float = 0.0, ceiling: float = math.inf) -> "Schedule":
        """Return the schedule kept between two rates."""
        return FAMILIES["clip"](self, floor, ceiling)

    def take(self, steps: int) -> "Schedule":
        """Return the first `steps` steps; the rate at `steps` then holds."""
        return FAMILIES["take"](self, steps)

    def drop(self, steps: int) -> "Schedule":
        """Return the schedule from `steps` on."""
        return FAMILIES["drop"](self, steps)

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

        So a trunk of one long run is left as often as models are wanted from it: each branch has
        the rates of the trunk until it leaves.

        Args:
            at: the first step of the cooldown. In a schedule that goes on until told, it is the
                end that its part is told; what was to follow is left out.
            cooldown: a schedule that begins at 1: shares of the rate at step `at`.

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
        from glissando.combinators.leave import branched

        return branched(self, at, cooldown)

    def rewarm(self, at: int, steps: int, then: "Schedule") -> "Schedule":
        """Return the schedule up to step `at`, a line to the first rate of `then`, and `then`.

        This is how a trained model goes on with new data: its rate, low at the end, is warmed up
        again in some steps, and decays once more.

        Args:
            at: the step at which the rate begins to move.
            steps: how many steps the line takes, 1 or more.
            then: the schedule after it.

        Raises:
            ScheduleError: an argument breaks its rule.

        Example:
            >>> from glissando import Cosine
            >>> first = Cosine(0.5, 0.1, steps=100)
            >>> both = first.rewarm(100, steps=10, then=Cosine(0.5, 0.1, steps=90))
            >>> both(100), both(105), both(110), both.steps
            (0.1, 0.30000000000000004, 0.5, 200)

        Source:
            Ibrahim et al., "Simple and Scalable Strategies to Continually Pre-train Large Language
            Models", 2024, arXiv:2403.08763.
        """
        from glissando.combinators.leave import rewarmed

        return rewarmed(self, at, steps, then)

    def until_told(self) -> "Schedule":
        """Return the schedule as a part whose length is not known yet; see `told`."""
        return FAMILIES["until_told"](self)

    def told(self, *, steps: int | None = None, at: int | None = None) -> "Schedule":
        """Return the schedule with an end for its part that goes on until told.

        Up to that end both schedules have the same rates.

        Args:
            steps: how long the whole shall be: the part takes what the others leave; give this or
                `at`.
            at: the step of the whole at which the part ends.

        Raises:
            ScheduleError: there is no such part, the others take more than `steps`, or `at` is
                before the part begins; or the schedule cannot end there, as one that holds each
                rate for several steps.
        """
        from glissando.combinators.until_told import told

        return told(self, steps, at)

    @property
    def untold(self) -> tuple[int, float] | None:
        """Where the part that goes on until told begins, and how many steps follow it.

        It is None where there is no such part.
        """
        return None

    def end_untold(self, at: int) -> "Schedule":
        """Return the schedule with that part ended at step `at`; `told` checks it."""
        raise NotImplementedError

    @classmethod
    def of(cls, left: "Schedule", right: "Schedule") -> "Schedule":
        """Return what the operator of this class makes of two schedules."""
        raise NotImplementedError

    # Forms of the value.

    def plot(self, **options: Any) -> Any:
        """Return the curve as a Plotly figure; see `glissando.plot` for the options."""
        from glissando.picture import plot

        return plot(self, **options)

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        from glissando.picture import mimebundle

        return mimebundle(self)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: a dictionary of plain values, tagged by `type`."""
        data: dict[str, Any] = {"type": self.tag}
        for field, default in self.fields.items():
            value = getattr(self, field)
            if default is MISSING or value != default:
                data[field] = self.rules[field].to_data(value)
        return data

    def spell(self, name: Callable[[type["Schedule"]], str]) -> str:
        """Return the expression that builds this schedule, classes named by `name`."""
        if self.symbol and len(operands := self.operands()) > 1:
            # the outermost operator binds loosest, so an inner one always wears parentheses
            return f" {self.symbol} ".join(
                f"({text})" if isinstance(part, Schedule) and part.spelled_infix() else text
                for part in operands
                for text in [part.spell(name) if isinstance(part, Schedule) else repr(part)]
            )
        arguments = []
        for field, default in self.fields.items():
            value = getattr(self, field)
            if default is MISSING or value != default:
                rule = self.rules[field]
                text = value.spell(name) if isinstance(rule, Part) else repr(value)
                if isinstance(rule, Many):
                    texts = (v.spell(name) if isinstance(v, Schedule) else repr(v) for v in value)
                    text = "[" + ", ".join(texts) + "]"
                plain = field in ("start", "end", "value", "schedule", "parts", "function")
                arguments.append(text if plain else f"{field}={text}")
        return f"{name(type(self))}({', '.join(arguments)})"

    def operands(self) -> tuple[Any, ...]:
        """Return what stands around the operator of this class."""
        return tuple(self.parts_of())

    def spelled_infix(self) -> bool:
        """Return whether the spelling is an operator between operands."""
        return bool(self.symbol) and len(self.operands()) > 1

    def __repr__(self) -> str:
        """Return the Python code that builds the schedule."""
        return self.spell(lambda cls: f"gl.{cls.__name__}")

    def __str__(self) -> str:
        """Return the text form, which `glissando.parse` reads."""
        return self.spell(lambda cls: cls.tag)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to change a schedule that is built."""
        if "_depth" in self.__dict__:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        """Refuse to change a schedule."""
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _values(self) -> tuple[Any, ...]:
        """Return the values of the fields, in their order."""
        return tuple(getattr(self, name) for name in self.rules)

    def __eq__(self, other: object) -> bool:
        """Return whether `other` is of the same family with the same values."""
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self._values() == other._values()

    def __hash__(self) -> int:
        """Return the hash of the family and its values."""
        return hash((type(self), self._values()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by the fields alone: they are checked again on the way in."""
        return type(self), self._values()
