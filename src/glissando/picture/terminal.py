"""Schedules drawn with characters."""

import math
from collections.abc import Mapping

from glissando.picture.sample import Points

COLORS = ("blue+", "red+", "green+", "magenta+", "orange+", "cyan+")
MARKS = "abcdefghijklmnopqrstuvwxyz"

_PLAIN = str.maketrans("┌┐└┘─│┤┬", "++++-|++")


def draw(
    lines: Mapping[str, Points], width: int, *, color: bool = True, unicode: bool = True
) -> str:
    """Return the lines drawn with characters, the rate over the step.

    Args:
        lines: the points of each line by its name.
        width: how many columns to take, 40 or more.
        color: whether escape codes may color the lines; without colors, letters distinguish several
            lines.
        unicode: whether other characters than ASCII may be used.
    """
    import plotext

    height = min(max(width // 4, 12), 24)
    top = max(rate for _, rates in lines.values() for rate in rates)
    last = max(steps[-1] for steps, _ in lines.values())
    fine = unicode and (color or len(lines) == 1)

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)
    plotext.xlim(0, max(last, 1))
    plotext.ylim(0, top or 1.0)
    plotext.title("learning rate over the steps")
    ticks = _ticks(max(last, 1), width // 14, smallest=1)
    plotext.xticks(ticks, [_short(tick) for tick in ticks])
    ticks = _ticks(top or 1.0, height // 3)
    plotext.yticks(ticks, _alike(ticks))
    keys = []
    for index, (name, (steps, rates)) in enumerate(lines.items()):
        mark = MARKS[index % len(MARKS)] if len(lines) > 1 else "*"
        ink = COLORS[index % len(COLORS)] if color else None
        plotext.plot(steps, rates, marker="braille" if fine else mark, color=ink)
        key = plotext.colorize("──" if unicode else "--", ink) if fine else mark
        keys.append(f"{key} {name}")
    drawing: str = plotext.build()
    if not color:
        drawing = plotext.uncolorize(drawing)
    if not unicode:
        drawing = drawing.translate(_PLAIN)
    return drawing.rstrip() + "\n" + ("\n".join(keys) + "\n" if len(lines) > 1 else "")


def _ticks(end: float, count: int, smallest: float = 0.0) -> list[float]:
    """Return at most `count` + 1 round numbers from 0 to `end`."""
    apart = max(end / count, smallest)
    power = 10.0 ** math.floor(math.log10(apart))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= apart * (1 - 1e-9))
    return [k * step for k in range(int(end / step + 1e-9) + 1)]


def _alike(numbers: list[float]) -> list[str]:
    """Return all numbers as decimals, or all with exponents."""
    texts = [f"{number:g}" for number in numbers]
    if not any("e" in text for text in texts):
        return texts
    parts = [f"{number:.3e}".split("e") for number in numbers]
    texts = [f"{digits.rstrip('0').rstrip('.')}e{int(power)}" for digits, power in parts]
    return ["0" if number == 0 else text for number, text in zip(numbers, texts, strict=True)]


def _short(number: float) -> str:
    """Return a number of steps, a large one with a suffix: 2M."""
    suffixes = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))
    unit, suffix = next((pair for pair in suffixes if number >= pair[0]), (1, ""))
    return f"{number / (1e3 if suffix == 'k' else unit):g}{suffix}"
