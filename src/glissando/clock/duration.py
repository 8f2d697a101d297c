"""Durations: how long a part of the training is, in a unit of its own."""

import re
from fractions import Fraction
from typing import Annotated, Any

from glissando.errors import ScheduleError, shown
from glissando.rules import COUNT, MAX_STEP, Number, Rule, plain_number
from glissando.value import Value

UNITS = {
    "%": "%",
    "step": "steps",
    "steps": "steps",
    "update": "steps",
    "updates": "steps",
    "ep": "epochs",
    "epoch": "epochs",
    "epochs": "epochs",
    "sample": "samples",
    "samples": "samples",
    "token": "tokens",
    "tokens": "tokens",
    "s": "seconds",
    "sec": "seconds",
    "second": "seconds",
    "seconds": "seconds",
    "min": "minutes",
    "minute": "minutes",
    "minutes": "minutes",
    "h": "hours",
    "hour": "hours",
    "hours": "hours",
    "d": "days",
    "day": "days",
    "days": "days",
}
"""Every unit that may be written, and the one that it means. An update is a step."""

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
"""The units of time. How many steps such a duration takes shows in training alone."""

SUFFIXES = {"": 0, "k": 3, "M": 6, "B": 9, "T": 12}
"""What may follow a number, and the power of ten that it means."""

LONGEST = 100
"""How many characters a duration may have: many digits take long to read."""

REST = "rest"
"""The length that the other parts of a run leave."""

_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3})?"
_TEXT = re.compile(rf"({_NUMBER})([kMBT]?) *(%|[a-z]+)")
_HOW = "write it with its unit, as '3%', '500 steps', '2 epochs', '10k samples' or '1.5B tokens'"


class _Unit(Rule):
    words = "'%', 'steps', 'epochs', 'samples', 'tokens', or a time in 'hours', 'minutes' ..."

    def check(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or value not in UNITS:
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return UNITS[value]


class Duration(Value):
    """A length of training in a unit of its own; `duration` reads one.

    Args:
        amount: the number, 0 or more; whole for steps, samples and tokens.
        unit: "%" of the whole run, "steps", "epochs", "samples", "tokens", or of time "seconds",
            "minutes", "hours" or "days".

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> Duration(1.5, "epochs") == duration("1.5 epochs")
        True
    """

    positional = ("amount", "unit")

    amount: Annotated[float, Number(0, MAX_STEP)]
    unit: Annotated[str, _Unit()]

    def check(self) -> None:
        if self.unit in ("steps", "samples", "tokens"):
            COUNT.check(self.amount, f"Duration: `amount` in {self.unit}")
        if self.amount == int(self.amount):
            object.__setattr__(self, "amount", int(self.amount))

    def to_data(self) -> str:  # type: ignore[override]
        """Return the JSON form: the text form, which `duration` reads."""
        return str(self)

    def __str__(self) -> str:
        """Return the text form."""
        if self.unit == "%":
            return f"{self.amount}%"
        return f"{self.amount} {self.unit[:-1] if self.amount == 1 else self.unit}"

    @property
    def seconds(self) -> float | None:
        """How long it takes, None if it is no time."""
        return self.amount * SECONDS[self.unit] if self.unit in SECONDS else None


def duration(value: object) -> Duration:
    """Return the duration that a text or a number means.

    A text is a number, perhaps k, M, B or T for thousand, million, billion, trillion, and a unit:
    "%", "steps" or "updates", "epochs" or "ep", "samples", "tokens", or one of time, "s", "min",
    "h" or "d", which an adapter's `budget` takes. A bare number from 2 up is steps, and one between
    0 and 1 a fraction of the run. A bare 1 could be either, and is refused.

    Args:
        value: the text or number; a `Duration` comes back as it is.

    Raises:
        ScheduleError: `value` is neither, or could mean more than one thing.

    Example:
        >>> duration("1.5B tokens")
        gl.Duration(1500000000, 'tokens')
        >>> duration(0.03), duration(500)
        (gl.Duration(3, '%'), gl.Duration(500, 'steps'))
    """
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        match = _TEXT.fullmatch(value.strip()) if len(value) <= LONGEST else None
        if match is None or match[3] not in UNITS:
            raise ScheduleError(f"duration: cannot read {shown(value)}; {_HOW}")
        amount = Fraction(match[1].replace("_", "")) * 10 ** SUFFIXES[match[2]]
        if amount > MAX_STEP:
            raise ScheduleError(f"duration: must be at most {MAX_STEP}, got {shown(value)}")
        return Duration(_plain(amount), match[3])
    number = plain_number(value)
    if number is None or not 0 <= number <= MAX_STEP:
        raise ScheduleError(f"duration: must be a text or a number, got {shown(value)}; {_HOW}")
    if number == 1:
        raise ScheduleError(
            f"duration: a bare {value} could be the whole run or a single step; "
            "write '100%' or '1 step'"
        )
    if number < 1:
        return Duration(_plain(as_written(number) * 100), "%")
    if number != int(number):
        raise ScheduleError(
            f"duration: a bare {value} is no number of steps and no fraction; {_HOW}"
        )
    return Duration(number, "steps")


def as_written(number: float) -> Fraction:
    """Return a number as it is written: 0.29 is 29 hundredths, and not the float nearest to it."""
    return Fraction(repr(number))


def _plain(number: Fraction) -> float:
    return int(number) if number.denominator == 1 else float(number)
