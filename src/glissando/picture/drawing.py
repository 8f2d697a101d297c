"""What a chart shows, whatever draws it."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from glissando.combinators import Chain
from glissando.errors import ScheduleError, shown
from glissando.families import Table
from glissando.logs.curve import Curve
from glissando.pages import COLORS, DASHES
from glissando.picture.sample import Points
from glissando.rules import plain_number
from glissando.schedule import Schedule

MOST_PHASES = 6
"""Of how many parts a schedule may be made for its parts to have names."""


RATE = "learning rate"
"""The title of an axis of learning rates."""

HEADROOM = 1.08


class Line(NamedTuple):
    """A line, or the dots of what a run has logged; a rate of None is not drawn."""

    name: str
    steps: Sequence[float]
    rates: Sequence[float | None]
    color: str
    dash: str = "solid"
    dots: bool = False


class Panel(NamedTuple):
    """Lines over one axis of rates."""

    title: str
    lines: tuple[Line, ...]

    def limits(self, *, log: bool) -> tuple[float, float]:
        """Return the lowest and highest rate of its axis: one of learning rates begins at 0."""
        rates = [rate for line in self.lines for rate in line.rates if rate is not None]
        low, high = min(rates, default=1.0), max(rates, default=1.0)
        if log:
            return low, high
        if self.title == RATE or not low:
            return 0.0, high * HEADROOM or 1.0
        room = (high - low) * 0.1 or 0.05 * high
        return max(low - room, 0.0), high + room


class Phase(NamedTuple):
    """A part of a schedule: it is shaded, and has a name."""

    name: str
    begin: int
    end: int


class Drawing(NamedTuple):
    """A chart: panels above one axis of steps.

    Attributes:
        title: its title.
        subtitle: what is below the title, or nothing.
        unit: what a step is.
        panels: the panels, from top to bottom.
        phases: the parts of the only schedule.
        per_epoch: how many updates an epoch has, for a second axis.
        log: whether the rates' axis is logarithmic.
        held: whether each rate is held until the next, as training holds that of an epoch.
        legend: whether lines are named beside the chart.
    """

    title: str
    subtitle: str
    unit: str
    panels: tuple[Panel, ...]
    phases: tuple[Phase, ...]
    per_epoch: float | None
    log: bool
    held: bool
    legend: bool


def panel_of(title: str, points: Mapping[str, Points], first: int, *, log: bool) -> Panel:
    """Return a panel of lines, the first of which has the color of that number."""
    lines = []
    for index, (name, (steps, rates)) in enumerate(points.items(), first):
        color, dash = COLORS[index % len(COLORS)], DASHES[index % len(DASHES)]
        lines.append(Line(name, steps, on_axis(rates, log=log), color, dash))
    return Panel(title, tuple(lines))


def on_axis(rates: Iterable[float], *, log: bool) -> list[float | None]:
    """Return the rates that an axis has: a logarithmic one has no 0."""
    return [rate if rate > 0 or not log else None for rate in rates]


def phases_of(schedule: Schedule, last: float) -> tuple[Phase, ...]:
    """Return the parts of a chain by what they do, up to a last step."""
    if not isinstance(schedule, Chain) or not 1 < len(schedule.reached) <= MOST_PHASES:
        return ()
    if schedule.is_opaque():  # a user's function may know no step but those that train
        return ()
    parts = schedule.reached
    begins = [0, *accumulate(int(part.steps) for part in parts[:-1])]
    ends = [*begins[1:], int(last)]
    names = _named([_move(part) for part in parts])
    return tuple(
        Phase(name, begin, end)
        for name, begin, end in zip(names, begins, ends, strict=True)
        if begin < end
    )


def _move(part: Schedule) -> float:
    """Return how a part moves the rate: above 0 if it rises, below if it falls."""
    far = part.steps if part.steps < math.inf else 1_000
    return part(int(far)) - part(0)


def _named(moves: Sequence[float]) -> Iterator[str]:
    """Yield what the parts of a schedule are called that move the rate so."""
    for i, move in enumerate(moves):
        if move > 0:
            yield "warm-up" if not any(moves[:i]) else "rise"
        elif move == 0:
            yield "stable"
        else:
            yield "cooldown" if i and moves[i - 1] == 0 and i + 1 == len(moves) else "decay"


def logged_points(logged: Any) -> tuple[list[float], list[float]]:
    """Return the steps and rates of what a run has logged.

    Args:
        logged: a run as `read_curve` reads it, rates by their steps, pairs of the two, a list of
            the rates of all steps, or what Keras's `fit` returns, whose rates are those of epochs.

    Raises:
        ScheduleError: it is none of these.
    """
    if isinstance(logged, Curve):
        table = logged.schedule
        steps = table.knots if isinstance(table, Table) else logged.steps
        return list(steps), [table(math.floor(step)) for step in steps]
    history = getattr(logged, "history", None)
    if isinstance(history, Mapping):
        logged = history.get("learning_rate", history.get("lr"))
    pairs: list[Any] = []
    if isinstance(logged, Mapping):
        pairs = list(logged.items())
    elif isinstance(logged, Iterable) and not isinstance(logged, str):
        pairs = [_pair(i, value) for i, value in enumerate(logged)]
    numbers = [(plain_number(step), plain_number(rate)) for step, rate in pairs]
    found = [(step, rate) for step, rate in numbers if step is not None and rate is not None]
    if not found or len(found) < len(pairs):
        raise ScheduleError(
            "plot: `logged` must be a run, as gl.read_curve(path) reads it, rates by their steps, "
            "as {0: 0.1, 100: 0.05}, pairs of a step and a rate, a list of the rates of all steps, "
            f"or a Keras History, got {shown(logged)}"
        )
    found.sort()
    return [step for step, _ in found], [rate for _, rate in found]


def _pair(i: int, value: Any) -> tuple[Any, Any]:
    pair = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
    return (value[0], value[1]) if pair else (i, value)
