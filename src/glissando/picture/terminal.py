"""Schedules drawn with characters."""

import math
from collections.abc import Mapping

from glissando.picture.sample import Points
from glissando.picture.ticks import alike, round_ticks, short

COLORS = ("blue+", "red+", "orange+", "green+", "magenta+", "cyan+")
"""As near to those of charts as terminals have them."""

MARKS = "abcdefghijklmnopqrstuvwxyz"

_PLAIN = str.maketrans("┌┐└┘─│┤┬", "++++-|++")


def draw(
    lines: Mapping[str, Points],
    width: int,
    *,
    color: bool = True,
    unicode: bool = True,
    log: bool = False,
) -> str:
    """Return the lines drawn with characters, the rate over the step.

    Args:
        lines: the points of each line by its name.
        width: how many columns to take, 40 or more.
        color: whether escape codes may color the lines; without colors, letters distinguish several
            lines.
        unicode: whether other characters than ASCII may be used.
        log: whether the axis of rates is logarithmic; it has no 0, and a word says so.
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
    title = "learning rate over the steps"
    if log:
        lowest = min((r for _, rates in lines.values() for r in rates if r > 0), default=1.0)
        low, high = math.floor(math.log10(lowest)), math.ceil(math.log10(top or 1.0))
        plotext.ylim(low, max(high, low + 1))
        apart = max(1, -(-(high - low) // (height // 3)))
        powers = range(low, max(high, low + 1) + 1, apart)
        plotext.yticks(list(powers), [f"1e{power}" for power in powers])
        if any(rate == 0 for _, rates in lines.values() for rate in rates):
            title += "; rates of 0 are not on the axis"
    else:
        plotext.ylim(0, top or 1.0)
        ticks = round_ticks(top or 1.0, height // 3)
        plotext.yticks(ticks, alike(ticks))
    plotext.title(title)
    ticks = round_ticks(max(last, 1), width // 14, smallest=1)
    plotext.xticks(ticks, [short(tick) for tick in ticks])
    keys = []
    for index, (name, (steps, rates)) in enumerate(lines.items()):
        if log:
            steps, rates = _above_zero(steps, rates)
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


def _above_zero(steps: list[int], rates: list[float]) -> Points:
    """Return the points that a logarithmic axis has, their rates as powers of ten."""
    kept = [(step, math.log10(rate)) for step, rate in zip(steps, rates, strict=True) if rate > 0]
    return [step for step, _ in kept], [power for _, power in kept]
