"""What a field may be: one rule gives the check, the message, the JSON Schema and the test data."""

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from glissando.tables import Row

if TYPE_CHECKING:
    from glissando.schedule import Schedule

MAX_STEP = 2**53
"""The last step: beyond it a float no longer tells one step from the next."""

MAX_RATE = 1e30
"""The largest rate: products and float32 stay finite below it."""

DURATION = (
    r"^ *([0-9]+(_[0-9]+)*(\.[0-9]+)?(e[+-]?[0-9]{1,3})?[kMBT]? *"
    r"(%|steps?|updates?|ep|epochs?|samples?|tokens?)|rest) *$"
)
"""The pattern of durations in texts and files."""


class ScheduleError(ValueError):
    """Bad input: the message names the class, the argument, the rule and what came."""

    __module__ = "glissando"  # where users find it, and what a traceback shows


def shown(value: object) -> str:
    """Return `value` as an error message shows it: its repr, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 80 else text[:60] + "… (" + type(value).__name__ + ")"


def one_of(value: object, words: Sequence[str], where: str) -> None:
    """Raise a `ScheduleError` about `where` if `value` is none of the words."""
    if not isinstance(value, str) or value not in words:
        raise ScheduleError(
            f"{where} must be one of {', '.join(map(repr, words))}, got {shown(value)}"
        )


class Number:
    """A number in a range.

    Args:
        low: the smallest value allowed.
        high: the largest value allowed.
        whole: whether the value must be an integer; an integral float such as `1e5` counts.
        above: whether `low` itself is refused.
        endless: whether `math.inf` is allowed beyond `high`.
        counts_steps: whether the value is a number of steps, so that texts and files may have a
            duration such as "3%" in its place.
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
    ) -> None:
        self.low = low
        self.high = high
        self.whole = whole
        self.above = above
        self.endless = endless
        self.counts_steps = counts_steps

    @property
    def kind(self) -> str:
        """The rule's first half in words."""
        return "a whole number" if self.whole else "a number"

    @property
    def words(self) -> str:
        """The rule in words."""
        range_ = f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        if self.high <= 1:  # larger limits only keep floats finite: nobody needs to read them
            range_ += f" and at most {self.high:g}"
        return f"{self.kind}, {range_}" + (", or math.inf" if self.endless else "")

    def check(self, value: object, where: str) -> float:
        """Return `value` in its canonical form, or raise a `ScheduleError` about `where`."""
        number = plain_number(value)
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
            hint = ""
            if self.counts_steps and isinstance(value, str) and re.match(DURATION, value):
                hint = f"; plan.steps_in({shown(value)}) counts a duration"
            raise ScheduleError(f"{where} must be {rule}, got {shown(value)}{hint}")
        return int(number) if self.whole else float(number) + 0.0  # + 0.0 turns -0.0 into 0.0

    def admits(self, values: Sequence[Any]) -> bool:
        """Return whether `check` would admit all values: soon, if they are many floats."""
        if self.whole or set(map(type, values)) != {float} or any(map(math.isnan, values)):
            return False
        least = min(values)
        above = least > self.low or (least == self.low and not self.above)
        return above and max(values) <= self.high

    def to_data(self, value: Any) -> Any:
        """Return the JSON form of a checked value."""
        return value

    def from_data(self, data: object, _where: str, _build: Callable[..., Any]) -> Any:
        """Return the field's value for JSON `data`; `check` judges it later."""
        return data

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema."""
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


class Many:
    """A sequence whose members all keep one rule; kept as a tuple."""

    def __init__(self, member: Any, words: str, *, increasing: bool = False) -> None:
        self.member = member
        self.words = words
        self.increasing = increasing

    def check(self, value: object, where: str) -> tuple[Any, ...]:
        """Return `value` as a checked tuple, or raise a `ScheduleError` about `where`."""
        if hasattr(value, "tolist"):  # a NumPy array
            value = value.tolist()
        if not isinstance(value, list | tuple):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        if isinstance(self.member, Number) and self.member.admits(value):
            members = Row([v + 0.0 for v in value])  # + 0.0 turns -0.0 into 0.0
        else:
            members = Row(self.member.check(v, f"{where}[{i}]") for i, v in enumerate(value))
        if self.increasing and any(a >= b for a, b in pairwise(members)):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return members

    def to_data(self, value: Any) -> Any:
        """Return the JSON form of a checked value."""
        return [self.member.to_data(v) for v in value]

    def from_data(self, data: object, where: str, build: Callable[..., Any]) -> Any:
        """Return the field's value for JSON `data`."""
        if not isinstance(data, list):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(data)}")
        return [self.member.from_data(d, f"{where}[{i}]", build) for i, d in enumerate(data)]

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema."""
        return {"type": "array", "items": self.member.schema(), "description": self.words}


class Part:
    """A schedule inside a schedule.

    Args:
        finite: whether the schedule must end.
    """

    def __init__(self, *, finite: bool = False) -> None:
        self.words = "a schedule that ends" if finite else "a schedule"
        self.finite = finite

    def check(self, value: Any, where: str) -> Any:
        """Return `value`, or raise a `ScheduleError` about `where`."""
        if not hasattr(type(value), "breaks"):
            raise ScheduleError(
                f"{where} must be {self.words}, got {shown(value)}; "
                "wrap a function of your own in gl.schedule(f)"
            )
        if self.finite and value.steps == math.inf:
            raise ScheduleError(
                f"{where} must be {self.words}, got {shown(value)}; give it an end with .take(n)"
            )
        return value

    def to_data(self, value: Any) -> Any:
        """Return the JSON form of a checked value."""
        return value.to_data()

    def from_data(self, data: object, where: str, build: Callable[..., Any]) -> Any:
        """Return the schedule that JSON `data` describes."""
        return build(data, where)

    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema."""
        return {"$ref": "#/$defs/schedule", "description": self.words}


def plain_number(value: object) -> float | None:
    """Return `value` as a Python number if it is a real, finite or infinite one, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if isinstance(value, int) and abs(value) > 10 * MAX_RATE:  # no float might hold it
            return math.inf if value > 0 else -math.inf
        return None if value != value else value
    # NumPy scalars and 0-d tensors say so by `item`; text, lists and None have none.
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        inner = item()
        return plain_number(inner) if isinstance(inner, int | float) else None
    return None


RATE = Number(0, MAX_RATE)
STEPS = Number(1, MAX_STEP, whole=True, counts_steps=True)

Rate = Annotated[float, RATE]
Rates = Annotated[Sequence[float], Many(RATE, "a list of rates")]
Ceiling = Annotated[float, Number(0, MAX_RATE, endless=True)]
Steps = Annotated[int, STEPS]
StepsOrZero = Annotated[int, Number(0, MAX_STEP, whole=True)]
StepsOrInf = Annotated[float, Number(1, MAX_STEP, whole=True, endless=True, counts_steps=True)]
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
SomeSteps = Annotated[
    Sequence[int], Many(Number(0, MAX_STEP, whole=True), "a list of whole steps, 0 or more")
]
Factor = Annotated[float, Number(0, MAX_RATE)]
Positive = Annotated[float, Number(0, MAX_RATE, above=True)]
Share = Annotated[float, Number(0, 1)]
Ratio = Annotated[float, Number(0, 1, above=True)]
Power = Annotated[float, Number(0, 1000, above=True)]
Timescale = Annotated[float, Number(0, MAX_STEP, above=True, counts_steps=True)]
Child = Annotated["Schedule", Part()]
FiniteChild = Annotated["Schedule", Part(finite=True)]
Children = Annotated[Sequence["Schedule"], Many(Part(), "a list of schedules")]
