"""A range test that was recorded: pairs of a rate and a loss."""

from itertools import pairwise
from typing import Any

from glissando.errors import ScheduleError, shown
from glissando.finder.answer import Ramp
from glissando.finder.ramp import Watch, made
from glissando.logs.curve import Curve
from glissando.rules import members

WORDS = (
    "find_rate: `training` must be a training, a function step(rate) -> loss, or a recorded test: "
    "pairs (rate, loss) with rates that rise, or two arrays"
)


def recorded(test: Any) -> Ramp:
    """Return a recorded test as a ramp, as far as where its loss explodes."""
    if isinstance(test, Curve):  # a loss is of the update before it; a rate of 0 has no logarithm
        taken = zip(test.steps, test.losses, strict=True)
        pairs = [(test.schedule(max(step - 1, 0)), loss) for step, loss in taken]
        test = [(rate, loss) for rate, loss in pairs if rate > 0]
    rates, losses = _columns(test)
    watch = Watch()
    for count, loss in enumerate(losses, start=1):
        if watch.explodes(loss):
            return made(rates[:count], losses[:count], 0, True)
    return made(rates, losses, 0, False)


def _columns(test: Any) -> tuple[list[float], list[float]]:
    rows = [members(row) for row in members(test) or ()]
    if len(rows) == 2 and None not in rows and len(rows[0] or ()) != 2:
        rows = [list(pair) for pair in zip(*rows, strict=False)]
    try:
        pairs = [(float(rate), float(loss)) for rate, loss in rows]  # type: ignore[misc]
    except (TypeError, ValueError):
        pairs = []
    rising = all(a < b for (a, _), (b, _) in pairwise(pairs))
    if not pairs or not rising or not pairs[0][0] > 0:
        raise ScheduleError(f"{WORDS}, got {shown(test)}")
    return [rate for rate, _ in pairs], [loss for _, loss in pairs]
