"""A chart as SVG, drawn at once and with nothing but the core: what notebooks show."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from glissando.picture.drawing import Drawing, Line, Panel
from glissando.picture.ticks import alike, round_ticks, short

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM, GAP, ROW = 66, 16, 46, 44, 26, 18

DASH_ARRAYS = {
    "solid": "",
    "dash": "7 3",
    "dot": "2 3",
    "dashdot": "7 3 2 3",
    "longdash": "12 4",
    "longdashdot": "12 3 2 3",
}

CARD, INK, SOFT, GRID = "#ffffff", "#1c2024", "#5d636d", "#e3e6ea"
"""A card of its own: legible on any page, whatever shows it."""


def svg(drawing: Drawing) -> str:
    """Return a drawing as an SVG picture, with its title and description for screen readers."""
    count = len(drawing.panels)
    height = HEIGHT + (count - 1) * (HEIGHT - TOP - BOTTOM) * 2 // 3
    last = max(max(line.steps) for panel in drawing.panels for line in panel.lines)
    room = (height - TOP - BOTTOM - GAP * (count - 1)) / count
    rows = [TOP + number * (room + GAP) for number in range(count)]
    keys = _legend(drawing, height) if drawing.legend else []
    whole = height + (max(row for row, _ in keys) + 1) * ROW if keys else height
    body = [
        f'<rect width="{WIDTH}" height="{whole}" rx="6" fill="{CARD}"/>',
        _text(LEFT, 18, drawing.title, fill=INK, size=13),
        _text(LEFT, 33, _cut(drawing.subtitle), fill=SOFT),
        *_phases(drawing, last, height),
    ]
    for panel, top in zip(drawing.panels, rows, strict=True):
        body += _panel(panel, drawing, last, top, room)
    body += _steps(drawing, last, height)
    body += [key for _, key in keys]
    label = f"{escape(drawing.title)}: {escape(drawing.subtitle)}" if drawing.subtitle else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {whole}" '
        f'width="{WIDTH}" height="{whole}" role="img" font-family="system-ui, sans-serif" '
        f'font-size="11"><title>{label or escape(drawing.title)}</title>'
        f"<desc>{escape(_described(drawing))}</desc>{''.join(body)}</svg>"
    )


def _described(drawing: Drawing) -> str:
    """Return the lines in words: from which rate to which, over how many steps."""
    words = []
    for panel in drawing.panels:
        for line in panel.lines:
            rates = [rate for rate in line.rates if rate is not None]
            if rates:
                words.append(
                    f"{line.name}: {panel.title} {rates[0]:.4g} at {drawing.unit} "
                    f"{line.steps[0]:g}, highest {max(rates):.4g}, "
                    f"{rates[-1]:.4g} at {drawing.unit} {line.steps[-1]:g}"
                )
    return ". ".join(words)


def _panel(panel: Panel, drawing: Drawing, last: float, top: float, room: float) -> Iterator[str]:
    lowest, highest = panel.limits(log=drawing.log)
    if drawing.log:
        ticks = _powers(lowest, highest)
        lowest, highest = min(lowest, ticks[0]), max(highest, ticks[-1])
        scale = math.log(highest / lowest) or 1.0
    else:
        ticks = [tick for tick in round_ticks(highest, 4, lowest) if tick >= lowest]

    def y(rate: float) -> float:
        part = (
            math.log(rate / lowest) / scale if drawing.log else (rate - lowest) / (highest - lowest)
        )
        return top + room * (1 - part)

    for tick, text in zip(ticks, alike(ticks), strict=True):
        yield f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
        yield _text(LEFT - 6, y(tick) + 4, text, anchor="end")
    middle = top + room / 2
    turned = f'transform="rotate(-90 13 {middle:.1f})"'
    yield _text(13, middle, panel.title, anchor="middle", more=turned)
    for line in panel.lines:
        at = [(_x(step, last), y(rate)) for step, rate in _kept(line)]
        yield _dots(at, line) if line.dots else _path(at, line, drawing)


def _kept(line: Line) -> Iterator[tuple[float, float]]:
    pairs = zip(line.steps, line.rates, strict=True)
    return ((step, rate) for step, rate in pairs if rate is not None)


def _path(at: Sequence[tuple[float, float]], line: Line, drawing: Drawing) -> str:
    pen: list[str] = []
    before = (math.inf, math.inf)
    for x, y in at:
        if abs(x - before[0]) < 0.3 and abs(y - before[1]) < 0.3:
            continue  # nobody sees it
        pen.append(f"H{x:.1f}V{y:.1f}" if drawing.held and pen else f"L{x:.1f} {y:.1f}")
        before = x, y
    dash = f' stroke-dasharray="{DASH_ARRAYS[line.dash]}"' if DASH_ARRAYS[line.dash] else ""
    way = "".join(pen).replace("L", "M", 1)
    style = f'fill="none" stroke="{line.color}" stroke-width="1.8" stroke-linejoin="round"'
    return f'<path d="{way}" {style}{dash}/>'


def _dots(at: Sequence[tuple[float, float]], line: Line) -> str:
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>' for x, y in at)
    return f'<g fill="{line.color}">{dots}</g>'


def _phases(drawing: Drawing, last: float, height: float) -> Iterator[str]:
    for number, phase in enumerate(drawing.phases):
        left, right = _x(phase.begin, last), _x(phase.end, last)
        shade = "#f0f2f5" if number % 2 == 0 else CARD
        box = (
            f'x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{height - TOP - BOTTOM}"'
        )
        yield f'<rect {box} fill="{shade}"/>'
        if right - left > 6.5 * len(phase.name):
            yield _text((left + right) / 2, TOP + 13, phase.name, anchor="middle")


def _steps(drawing: Drawing, last: float, height: float) -> Iterator[str]:
    for tick in round_ticks(max(last, 1), 6, smallest=1):
        yield _text(_x(tick, last), height - BOTTOM + 15, short(tick), anchor="middle")
    middle = (LEFT + WIDTH - RIGHT) / 2
    unit = drawing.unit
    if drawing.per_epoch:
        unit = f"{unit} ({last / drawing.per_epoch:.4g} epochs of {drawing.per_epoch:g})"
    yield _text(middle, height - BOTTOM + 32, unit, anchor="middle")


def _legend(drawing: Drawing, top: float) -> list[tuple[int, str]]:
    """Return the rows of the legend, and in each of them a line and its name."""
    found: list[tuple[int, str]] = []
    x, row = float(LEFT), 0
    for line in drawing.panels[0].lines:
        width = 34 + 6.3 * len(line.name)
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, row = LEFT, row + 1
        y = top + row * ROW
        found.append((row, _text(x + 26, y + 4, line.name, fill=INK)))
        dash = f'stroke-dasharray="{DASH_ARRAYS[line.dash]}"' if DASH_ARRAYS[line.dash] else ""
        stroke = f'stroke="{line.color}" stroke-width="2" {dash}'
        mark = f'<path d="M{x:.1f} {y}h20" {stroke}/>'
        if line.dots:
            mark = f'<circle cx="{x + 10:.1f}" cy="{y}" r="2.5" fill="{line.color}"/>'
        found.append((row, mark))
        x += width
    return found


def _x(step: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * step / (last or 1)


def _powers(low: float, high: float) -> list[float]:
    """Return the powers of ten around two rates, at most about five."""
    first, beyond = math.floor(math.log10(low)), math.ceil(math.log10(high))
    apart = max(1, -(-(beyond - first) // 5))
    return [10.0**power for power in range(first, max(beyond, first + 1) + apart, apart)]


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    fill: str = SOFT,
    size: int = 11,
    more: str = "",
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}"'
    return f"<text {place} {more}>{escape(text)}</text>"
