"""What a field may be: one rule gives the check, the message, the JSON Schema and the test data."""

import math
import re
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from math import ceil
from numbers import Integral, Real
from operator import sub
from typing import Annotated, Any, TypeGuard

from glissando.errors import LEARNED, ScheduleError, learned, one_of, shown, spelled, unlisted

MAX_STEP = 2**53
"""The last step: beyond it floats skip steps."""

SHORTEST = 1e-20
"""The smallest number of steps above 0: float32 holds a step divided by that."""

MAX_RATE = 1e30
"""The largest rate: products and float32 stay finite below it."""

MAX_NESTING = 250
"""How deep data may be nested: schedules, lists of them, and the arguments of functions."""

DURATION = (
    r"^ *([0-9]+(_[0-9]+)*(\.[0-9]+)?(e[+-]?[0-9]{1,3})?[kMBT]? *"
    r"(%|steps?|updates?|ep|epochs?|samples?|tokens?)|rest) *$"
)
"""The pattern of durations in texts and files."""


class Row(tuple[Any, ...]):
    """The numbers of a field; the forms that arrays are made from are kept, as they take long."""

    @cached_property
    def packed(self) -> "array[Any]":
        """The numbers as C has them: NumPy and the frameworks read them without a loop."""
        return array("q" if all(isinstance(n, int) for n in self) else "d", self)

    @cached_property
    def ceilings(self) -> "array[int]":
        """The first whole step at or after each of some steps."""
        return array("q", map(ceil, self))

    @cached_property
    def offsets(self) -> "array[float]":
        """How far those whole steps lie after the steps themselves."""
        return array("d", map(sub, self.ceilings, self))

    @cached_property
    def widths(self) -> "array[float]":
        """How far each of some steps is from the next."""
        return array("d", map(sub, self[1:], self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the numbers alone."""
        return Row, (tuple(self),)


class Rule:
    """What a field may be: this class says what most rules have in common."""

    words: str
    """The rule in words, for messages and for the JSON Schema."""

    counts_steps = False
    """Whether texts and files may have a duration such as "3%" in its place."""

    def check(self, value: Any, where: str) -> Any:
        """Return `value` in its canonical form, or raise a `ScheduleError` about `where`."""
        raise NotImplementedError

    def to_data(self, value: Any) -> Any:
        """Return the JSON form of a checked value."""
        return value

    def from_data(self, data: object, where: str, build: Callable[..., Any]) -> Any:
        """Return the field's value for JSON `data`; `check` judges it later.

        Args:
            data: the JSON form.
            where: where it stands, for messages.
            build: returns the schedule that a JSON form describes, given that and `where`.
        """
        del where, build
        return data

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema."""
        return {"description": self.words}

    def code(self, value: Any, name: Callable[[Any], str]) -> str:
        """Return the expression for a checked value, classes of schedules named by `name`."""
        del name
        return repr(value)

    def schedules(self, value: Any) -> Iterable[Any]:
        """Return the schedules in a checked value."""
        del value
        return ()


class Number(Rule):
    """A number in a range.

    Args:
        low: the smallest value allowed.
        high: the largest value allowed.
        whole: whether the value must be an integer; an integral float such as `1e5` counts.
        above: whether `low` itself is refused.
        endless: whether `math.inf` is allowed beyond `high`.
        counts_steps: whether the value is a number of steps, so that texts and files may have a
            duration such as "3%" in its place.
        too_low: a question that the message asks about a value below the range.
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        whole: bool = False,
        above: bool = False,
        endless: bool = False,
        counts_steps: bool = False,
        too_low: str = "",
    ) -> None:
        self.low = low
        self.high = high
        self.whole = whole
        self.above = above
        self.endless = endless
        self.counts_steps = counts_steps
        self.too_low = too_low

    @property
    def kind(self) -> str:
        """The rule's first half in words."""
        return "a whole number" if self.whole else "a number"

    @property
    def words(self) -> str:  # type: ignore[override]
        """The rule in words."""
        range_ = f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        if self.high <= 1:  # larger limits only keep floats finite, and are not worth a word
            range_ += f" and at most {self.high:g}"
        return f"{self.kind}, {range_}" + (", or math.inf" if self.endless else "")

    def check(self, value: object, where: str) -> float:
        number = None if learned(value) else plain_number(value)
        if number == math.inf and self.endless:
            return math.inf
        rule = None
        if number is None:
            rule = self.kind
        elif math.isinf(number):
            rule = "finite"
        elif self.whole and number != int(number):
            rule = self.kind
        elif number < self.low or (self.above and number == self.low):
            rule = f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        elif number > self.high:
            rule = f"at most {self.high:g}"
        if rule is not None or number is None:
            raise ScheduleError(f"{where} must be {rule}, got {shown(value)}{self.hint(value)}")
        return int(number) if self.whole else float(number) + 0.0  # + 0.0 turns -0.0 into 0.0

    def hint(self, value: Any) -> str:
        """Return what to write instead of a value that breaks the rule."""
        if isinstance(value, str):
            if self.counts_steps and re.match(DURATION, value):
                return f"; plan.steps_in({shown(value)}) counts a duration"
            return spelled(value)
        if learned(value):
            return LEARNED
        number = plain_number(value)
        too_low = self.too_low and number is not None and number < self.low
        return f"; {self.too_low}" if too_low else ""

    def admits(self, values: Sequence[Any]) -> bool:
        """Return whether `check` would admit all values; it takes one look at many floats."""
        if self.whole or set(map(type, values)) != {float} or any(map(math.isnan, values)):
            return False
        least = min(values)
        above = least > self.low or (least == self.low and not self.above)
        return above and max(values) <= self.high

    def schema(self) -> dict[str, Any]:
        low = "exclusiveMinimum" if self.above else "minimum"
        number = {
            "type": "integer" if self.whole else "number",
            low: self.low,
            "maximum": self.high,
            "description": self.words,
        }
        if not self.counts_steps:
            return number
        return {"anyOf": [number, {"type": "string", "pattern": DURATION}]}


class Many(Rule):
    """A sequence whose members all keep one rule; kept as a tuple."""

    def __init__(self, member: Any, words: str, *, increasing: bool = False) -> None:
        self.member = member
        self.words = words
        self.increasing = increasing

    def check(self, value: object, where: str) -> tuple[Any, ...]:
        found = None if learned(value) else members(value)
        if found is None:
            raise ScheduleError(
                f"{where} must be {self.words}, got {shown(value)}{unlisted(value)}"
            )
        if isinstance(self.member, Number) and self.member.admits(found):
            row = Row([v + 0.0 for v in found])  # + 0.0 turns -0.0 into 0.0
        else:
            row = Row(self.member.check(v, f"{where}[{i}]") for i, v in enumerate(found))
        if self.increasing and any(a >= b for a, b in pairwise(row)):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return row

    def to_data(self, value: Any) -> Any:
        return [self.member.to_data(v) for v in value]

    def from_data(self, data: object, where: str, build: Callable[..., Any]) -> Any:
        found = members(data)
        if found is None:
            raise ScheduleError(f"{where} must be {self.words}, got {shown(data)}{unlisted(data)}")
        return [self.member.from_data(d, f"{where}[{i}]", build) for i, d in enumerate(found)]

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.member.schema(), "description": self.words}

    def code(self, value: Any, name: Callable[[Any], str]) -> str:
        return "[" + ", ".join(self.member.code(v, name) for v in value) + "]"

    def schedules(self, value: Any) -> Iterable[Any]:
        return [schedule for v in value for schedule in self.member.schedules(v)]


class Choice(Rule):
    """One of some words."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.words = f"one of {', '.join(map(repr, choices))}"

    def check(self, value: object, where: str) -> Any:
        one_of(value, self.choices, where)
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


class Flag(Rule):
    """True or False."""

    words = "True or False"

    def check(self, value: object, where: str) -> bool:
        if not isinstance(value, bool):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Maybe(Rule):
    """What another rule allows, or None."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.words = f"{rule.words}, or None"
        self.counts_steps = rule.counts_steps

    def check(self, value: object, where: str) -> Any:
        return None if value is None else self.rule.check(value, where)

    def to_data(self, value: Any) -> Any:
        return None if value is None else self.rule.to_data(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.rule.schema(), {"type": "null"}]}


def plain_number(value: object) -> float | None:
    """Return `value` as a Python number if it is a real, finite or infinite one, else None.

    What comes back is an int or a float itself, and of no class that is made of one.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        whole = int(value)
        if abs(whole) > 10 * MAX_RATE:  # no float might hold it
            return math.inf if whole > 0 else -math.inf
        return whole
    decimal: Any = getattr(sys.modules.get("decimal"), "Decimal", ())
    if isinstance(value, (Real, decimal)):
        try:
            real = float(value)
        except (OverflowError, ValueError):
            return None
        return None if math.isnan(real) else real
    # NumPy scalars and 0-d tensors say so by `item` or `numpy`; text, lists and None have neither
    item = getattr(value, "item", None) or getattr(value, "numpy", None)
    if callable(item) and getattr(value, "shape", None) == ():
        inner = item()
        return plain_number(inner) if inner is not value else None
    return None


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether `value` is a sequence, of any kind, and no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def members(value: Any) -> list[Any] | None:
    """Return the members of any sequence or array in a list, or None if it is neither."""
    if not is_sequence(value) and (hasattr(value, "tolist") or hasattr(value, "__array__")):
        array_ = value if hasattr(value, "tolist") else value.__array__()
        value = array_.tolist()  # of an array without dimensions it is a number
    return list(value) if is_sequence(value) else None


def plain(
    data: object,
    deepest: int = MAX_NESTING,
    too_deep: str = f"data must be nested at most {MAX_NESTING} deep",
) -> Any:
    """Return data with its mappings as dictionaries, and its sequences and arrays as lists.

    Raises:
        ScheduleError: it is nested too deep.
    """
    if deepest < 0:
        raise ScheduleError(f"{too_deep}, got more")
    if isinstance(data, Mapping):
        return {name: plain(data[name], deepest - 1, too_deep) for name in data}
    if is_sequence(data):
        return [plain(member, deepest - 1, too_deep) for member in data]
    if hasattr(data, "tolist") and not learned(data):  # a NumPy array, or a number of its own
        return plain(data.tolist(), deepest - 1, too_deep)
    return data


RATE = Number(0, MAX_RATE)
STEPS = Number(1, MAX_STEP, whole=True, counts_steps=True)
COUNT = Number(0, MAX_STEP, whole=True)
LENGTH = {
    "low": 0,
    "high": MAX_STEP,
    "whole": True,
    "counts_steps": True,
    "too_low": "is the warm-up longer than the run?",
}

Rate = Annotated[float, RATE]
Rates = Annotated[Sequence[float], Many(RATE, "a list of rates")]
Ceiling = Annotated[float, Number(0, MAX_RATE, endless=True)]
Steps = Annotated[int, STEPS]
StepsOrZero = Annotated[int, Number(**LENGTH)]
StepsOrInf = Annotated[float, Number(**LENGTH, endless=True)]
Times = Annotated[float, Number(1, MAX_STEP, whole=True, endless=True)]
Milestones = Annotated[
    Sequence[int],
    Many(STEPS, "a list of whole steps, each above the one before", increasing=True),
]
Knots = Annotated[
    Sequence[float],
    Many(
        Number(0, MAX_STEP, counts_steps=True),
        "a list of steps, each above the one before",
        increasing=True,
    ),
]
SomeSteps = Annotated[Sequence[int], Many(COUNT, "a list of whole steps, 0 or more")]
Count = Annotated[int, COUNT]
Factor = Annotated[float, Number(0, MAX_RATE)]
Positive = Annotated[float, Number(0, MAX_RATE, above=True)]
Share = Annotated[float, Number(0, 1)]
Ratio = Annotated[float, Number(0, 1, above=True)]
Power = Annotated[float, Number(0, 1000, above=True)]
Timescale = Annotated[float, Number(SHORTEST, MAX_STEP, counts_steps=True)]
