"""A clock of batches, samples or tokens read once an update."""

from glissando.combinators import Chain
from glissando.dialects.shared.curves import by_updates, later
from glissando.families import Constant, Piecewise
from glissando.schedule import Schedule


def last_of(batches: Schedule, accumulated: int) -> Schedule:
    """Return a schedule over batches as one over updates, each at the last batch of its own."""
    return by_updates(later(batches, accumulated - 1), accumulated)


def one_late(rate: Schedule) -> Schedule:
    """Return a schedule whose first rate two updates have, and all others come one update late."""
    return Constant(rate(0), 1) >> rate


def over_ramp(samples: Schedule, sizes: Piecewise) -> Schedule:
    """Return a schedule over samples as one over updates whose batches grow.

    Args:
        samples: the schedule.
        sizes: the samples of each update.
    """
    parts: list[Schedule] = []
    step = sample = 0
    for boundary, size in zip(sizes.boundaries, sizes.values, strict=False):
        part, updates = by_updates(later(samples, sample), int(size)), int(boundary) - step
        rest = max(0, updates - int(min(part.steps, updates)))
        parts.append((part >> Constant(part.final(), rest)) if rest else part.cut(updates))
        step, sample = int(boundary), sample + updates * int(size)
    return Chain([*parts, by_updates(later(samples, sample), int(sizes.values[-1]))])
