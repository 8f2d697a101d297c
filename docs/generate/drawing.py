"""Curves as inline SVG, in the colors of the page around them."""

from glissando.pages import COLORS
from glissando.picture.sample import last_step, sample
from glissando.schedule import Schedule

DASHES = ("none", "9 5", "2 4", "9 4 2 4", "14 6", "14 5 2 5")
"""One for each curve beside its color: of two curves that coincide both are seen."""


def svg(schedule: Schedule, *, ticks: bool = True) -> str:
    """Return a schedule's curve as inline SVG in the color of the text around it."""
    last = last_step([schedule])
    steps, rates = sample(schedule, last, 1_000 if ticks else 240)
    top = max(rates) or 1.0
    left, width, height = (70, 600, 200) if ticks else (2, 160, 60)
    x = [left + width * step / max(last, 1) for step in steps]
    y = [10 + height * (1 - rate / top) for rate in rates]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    bottom = 10 + height
    marks = [f'<polyline points="{points}" fill="none" stroke-width="2"/>']
    if ticks:
        if len(steps) <= 60:
            marks += [
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in zip(x, y, strict=True)
            ]
        marks += [
            f'<path class="axis" d="M{left},10 V{bottom} H{left + width}" fill="none"/>',
            f'<text x="{left - 8}" y="15" text-anchor="end">{top:g}</text>',
            f'<text x="{left - 8}" y="{bottom}" text-anchor="end">0</text>',
            f'<text x="{left}" y="{bottom + 20}" text-anchor="middle">0</text>',
            f'<text x="{left + width}" y="{bottom + 20}" text-anchor="end">step {last}</text>',
        ]
    box = f"0 0 {left + width + 10} {bottom + (26 if ticks else 4)}"
    told = f"The rate over {last:,} steps, from {rates[0]:g} to {rates[-1]:g}, at most {top:g}"
    return f'<svg class="curve" viewBox="{box}" {image(told)}>{"".join(marks)}</svg>'


def compared(curves: list[list[float | None]]) -> str:
    """Return curves as one inline SVG, a color and dashes each, dotted at the steps."""
    top = max(rate for curve in curves for rate in curve if rate is not None) or 1.0
    width, height = 600, 180
    marks = []
    for i, curve in enumerate(curves):
        points = [
            (12 + (width - 24) * step / (len(curve) - 1), 12 + height * (1 - rate / top))
            for step, rate in enumerate(curve)
            if rate is not None
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points)
        path = f'<polyline points="{line}" fill="none" stroke-width="2"/>'
        marks.append(f'<g class="line" {colored(i)}>{path}{dots}</g>')
    told = f"The rates of {len(curves)} schedules, which the table below has in numbers"
    bottom = height + 12
    axis = f'<path class="axis" d="M4,4 V{bottom} H{width}" fill="none"/>'
    return (
        f'<svg class="curve" viewBox="0 0 {width} {bottom + 8}" {image(told)}>{axis}'
        f"{''.join(marks)}</svg>"
    )


def colored(i: int) -> str:
    """Return the attribute that gives a curve the color and the dashes of its place."""
    return f'style="--line: {COLORS[i % len(COLORS)]}; --dashes: {DASHES[i % len(DASHES)]}"'


def key(i: int) -> str:
    """Return a piece of a curve's line, to stand before its name."""
    line = f'<g class="line" {colored(i)}><polyline points="0,4 40,4" stroke-width="3"/></g>'
    return f'<svg class="key" aria-hidden="true" viewBox="0 0 40 8">{line}</svg>'


def image(words: str) -> str:
    """Return the attributes that say in words what a picture shows."""
    return f'role="img" aria-label="{words}"'
