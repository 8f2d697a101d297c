"""Round numbers on axes, and how they are written."""

import math


def round_ticks(
    end: float, count: int, begin: float = 0.0, *, smallest: float = 0.0
) -> list[float]:
    """Return about `count` round numbers from `begin`, rounded down, to `end`."""
    apart = max((end - begin) / count, smallest)
    power = 10.0 ** math.floor(math.log10(apart))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= apart * (1 - 1e-9))
    return [k * step for k in range(int(begin / step), int(end / step + 1e-9) + 1)]


def alike(numbers: list[float]) -> list[str]:
    """Return all numbers as decimals, or all with exponents."""
    texts = [f"{number:g}" for number in numbers]
    if not any("e" in text for text in texts):
        return texts
    parts = [f"{number:.3e}".split("e") for number in numbers]
    texts = [f"{digits.rstrip('0').rstrip('.')}e{int(power)}" for digits, power in parts]
    return ["0" if number == 0 else text for number, text in zip(numbers, texts, strict=True)]


def short(number: float) -> str:
    """Return a number of steps, a large one with a suffix: 2M."""
    suffixes = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))
    unit, suffix = next((pair for pair in suffixes if number >= pair[0]), (1, ""))
    return f"{number / (1e3 if suffix == 'k' else unit):g}{suffix}"
