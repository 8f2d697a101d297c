"""What recipes take beside what families take: lengths in percent, amounts of tokens, divisors."""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from glissando.rules import MAX_RATE, MAX_STEP, STEPS, Number

if TYPE_CHECKING:  # a caller may give a duration, and the function sees whole numbers
    Length: TypeAlias = Any
    LengthOrZero: TypeAlias = Any
else:
    Length = Annotated[int | str, STEPS]
    LengthOrZero = Annotated[int | str, Number(0, MAX_STEP, whole=True, counts_steps=True)]

OneOrMore = Annotated[int, Number(1, MAX_STEP, whole=True)]
"""A whole number of anything but steps, such as tokens or epochs: no duration may replace it."""

Divisor = Annotated[float, Number(1, MAX_RATE)]


def updates_for(amount: int, batch: int) -> int:
    """Return how many updates consume that many tokens or samples; the last may have fewer."""
    return -(-amount // batch)
