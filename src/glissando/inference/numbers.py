"""The roundest numbers within an interval, and how many digits a number takes."""

import math
from collections.abc import Iterator
from typing import Any

EVERY = (1, 10, 100, 1000, 10_000)
"""After how many steps a ratio is likely to be given."""

MOST = 17
"""How many digits a number has that is not round at all."""


def digits(number: float) -> int:
    """Return how many digits a number takes, zeros before and after them aside."""
    return len(repr(float(number)).split("e")[0].replace(".", "").strip("0"))


def decimal(low: float, high: float, near: float | None = None) -> float:
    """Return the shortest decimal from low to high, of several the nearest to a number."""
    near = (low + high) / 2 if near is None else near
    if low <= 0 <= high:
        return 0.0
    for count in range(1, MOST):
        found = float(f"{near:.{count - 1}e}")
        if low <= found <= high:
            return found
        if count > 3:
            continue
        unit = 10.0 ** (math.floor(math.log10(abs(near) or 1.0)) - count + 1)
        for place in (math.ceil(low / unit), math.floor(high / unit)):
            found = float(f"{place * unit:.{count - 1}e}")
            if low <= found <= high:
                return found
    return near


def whole(low: float, high: float, near: float, origins: tuple[float, ...]) -> int | None:
    """Return the roundest whole number from low to high, also as counted from origins."""
    first, last = math.ceil(low), math.floor(high)
    if first > last:
        return None
    found = {min(max(round(near), first), last)}
    for origin in origins:
        for unit in _units(last - first + 2):
            for place in (near - origin) / unit, (first - origin) / unit, (last - origin) / unit:
                for rounded in (math.floor(place), math.ceil(place)):
                    number = rounded * unit + origin
                    if number == int(number) and first <= number <= last:
                        found.add(int(number))
    return min(found, key=lambda n: (roundness(n, origins), abs(n - near)))


def span_digits(number: float, origins: tuple[float, ...]) -> int:
    """Return the fewest digits that a step takes, counted from one of several."""
    return min(max(1, digits(number - origin)) for origin in origins)


def roundness(number: float, origins: tuple[float, ...]) -> float:
    """Return the digits that a step takes, counted from one of several; a last one of 5 is half."""
    return min(_roundness(number - origin) for origin in origins)


def _roundness(number: float) -> float:
    text = repr(float(number)).split("e")[0].replace(".", "").strip("0")
    return max(1, len(text)) - 0.5 * text.endswith("5")


def _units(width: float) -> Iterator[int]:
    unit = 1
    while unit <= 10 * width:
        yield unit
        yield 5 * unit
        unit *= 10


def decay(low: float, high: float, near: float) -> tuple[float, tuple[Any, ...], int]:
    """Return a decay per step, as a rate or as a ratio after some steps, and its digits."""
    rate = decimal(low, high, near)
    best: tuple[float, tuple[Any, ...], int] = (rate, ("rate", rate), digits(rate))
    for every in EVERY:
        ends = math.exp(-high * every), math.exp(-low * every)
        if ends[0] <= 0 or ends[0] > ends[1] or ends[1] > 1 or ends[1] < 1e-3:
            continue
        ratio = decimal(ends[0], ends[1], math.exp(-near * every))
        count = digits(ratio) + (every > 1)
        if 0 < ratio < 1 and count < best[2]:
            best = (-math.log(ratio) / every, ("ratio", ratio, every), count)
    return best
