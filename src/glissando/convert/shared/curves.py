"""Curves that several trainers have, and no dialect."""

import math
from collections.abc import Sequence

from glissando.combinators import Chain, Repeat
from glissando.dialects.shared.curves import sampled
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, CosineWave, InverseTime
from glissando.schedule import Schedule

LONGEST = 1_000_000
"""The longest logarithmic warm-up, which is kept as its rates."""


def rex(start: float, end: float, steps: int) -> Schedule:
    """Return the reflected exponential as Axolotl and torchtune have it, with 0.1 and 0.9.

    It is `end + (start − end) · z / (0.1 + 0.9 z)` for a remaining fraction z.
    """
    if steps < 1:
        return Constant(end)
    span = (start - end) / 0.9
    return (end + span) - InverseTime(span, 9.0 / steps).take(steps).reverse()


def log_warmup(start: float, peak: float, steps: int) -> Schedule:
    """Return a rise along the logarithm, that is `steps` long and at the peak one step before."""
    if steps > LONGEST:
        raise ScheduleError(
            f"a logarithmic warm-up may take {LONGEST:,} updates, got {steps}; write "
            "`warmup_type: linear`"
        )
    per = 1.0 / math.log(steps)
    rise = sampled(lambda k: start + (peak - start) * (per * math.log(k + 1)), steps - 1)
    return rise >> Constant(peak, 1)


def ended(schedule: Schedule, steps: int) -> Schedule:
    """Return the schedule of a run of some updates, whose cosine ends where the run does.

    Past its end the framework's would rise again, which no update of the run sees.
    """
    *before, last = _parts(schedule)
    left = steps - sum(part.steps for part in before)
    fall = last
    if isinstance(last, CosineWave) and last.period == 2 * left:
        fall = Cosine(last.start, last.end, int(left))
    elif isinstance(last, Repeat) and _parts(last.schedule)[0].steps == left:
        fall = _parts(last.schedule)[0]
    return Chain([*before, fall]) if before else fall


def _parts(schedule: Schedule) -> Sequence[Schedule]:
    return schedule.parts if isinstance(schedule, Chain) else (schedule,)
