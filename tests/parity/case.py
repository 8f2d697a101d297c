"""What is compared of a peer's schedule; imports nothing, so that it runs beside any peer."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Arguments = dict[str, Any]
"""What the dialect's function takes by name, as JSON; see `resolved` for schedules in it."""


@dataclass(frozen=True)
class Case:
    """One schedule of a peer.

    Args:
        name: the peer's class or function, which is the dialect's function, too.
        draw: gives random arguments; None if no schedule of ours can have the curve, so that the
            dialect's function raises for any.
        rates: the peer's own rates at steps 0 to the given number, without the last; None from
            where on it raises. It is given the arguments and the number.
        horizon: the step that the arguments call the end; twice that many steps are compared.
        apart: whether at a step the peer itself is known to be wrong, and ours differs on purpose.
        note: what the table says of it: why some steps are apart.
    """

    name: str
    draw: Callable[[Random], Arguments] | None
    rates: Callable[[Arguments, int], list[float | None]] | None = None
    horizon: Callable[[Arguments], int] = lambda arguments: 20
    apart: Callable[[Arguments, int], bool] = lambda arguments, step: False
    note: str = ""


def resolved(value: Any, make: Callable[[str, Arguments], Any]) -> Any:
    """Return JSON with each `{"call": name, "arguments": {...}}` in it made, the inner ones first.

    A `{"function": [...]}` is a function of the step: the list's values, and then its last one.

    Args:
        value: the JSON.
        make: makes what such an entry stands for: here the peer's schedule, there ours.
    """
    if isinstance(value, list):
        return [resolved(v, make) for v in value]
    if isinstance(value, dict) and set(value) == {"call", "arguments"}:
        return make(value["call"], resolved(value["arguments"], make))
    if isinstance(value, dict) and set(value) == {"function"}:
        values = value["function"]
        return lambda step: values[min(int(step), len(values) - 1)]
    if isinstance(value, dict):
        return {k: resolved(v, make) for k, v in value.items()}
    return value


def lr(random: Random) -> float:
    """Return a rate such as people use."""
    return random.choice([1.0, 0.1, 3e-4, random.uniform(1e-5, 2)])


def until_it_raises(rate: Callable[[int], Any], steps: int) -> list[float | None]:
    """Return the rates of a peer that is a function of the step; None from where on it raises."""
    found: list[float | None] = []
    for step in range(steps):
        try:
            value = rate(step)
        except Exception:  # whatever a peer raises past its end
            return found + [None] * (steps - step)
        found.append(value if isinstance(value, complex) else float(value))
    return found


def allowed(rate: Any) -> bool:
    """Return whether a peer's rate is one that training could use: finite and 0 or more."""
    return isinstance(rate, float) and math.isfinite(rate) and rate >= 0
