"""What is certain about a schedule that was written for a framework."""

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from glissando.errors import ScheduleError
from glissando.schedule import Schedule

Rates = Callable[[Sequence[int]], Sequence[float]]
"""Returns the rates of updates, which are in order."""

EVERY = 100_000
"""Up to how many updates each is compared."""

SPREAD = 1_000
"""How many updates later ones are compared, and how many breaks."""

TOLERANCE = 1e-12
"""By how much rates may differ, as a fraction of the full scale."""

SINGLE = 2.0**-23
"""One unit in the last place of float32, as a fraction."""


class Certificate(NamedTuple):
    """How what was written was compared with the schedule, and what came out.

    Attributes:
        target: what it was written for.
        native: whether it is the framework's own classes or settings.
        by: what gave the rates that were compared.
        verified: whether that was the framework itself.
        compared: which updates.
        largest: the largest difference of a rate.
        update: where that is; None if there is none.
        ulp: the largest difference in units in the last place of the full scale, of float64 or,
            if `single`, of float32.
        scale: the full scale: the highest rate, or in float32 that of any part of the schedule.
        single: whether the framework computes in float32.
        tolerance: by how much rates may differ, as a fraction of the full scale.
        past_end: what comes after the last update.
        offset: which rate update k has.
        rounding: what was rounded.
        groups: for which parameter groups it is.
        units: what a step is.
    """

    target: str
    native: bool
    by: str
    verified: bool
    compared: str
    largest: float
    update: int | None
    ulp: float
    scale: float
    single: bool
    tolerance: float
    past_end: str
    offset: str
    rounding: str
    groups: str
    units: str

    @property
    def holds(self) -> bool:
        """Whether the rates are the schedule's, within the tolerance."""
        return self.largest <= self.tolerance * self.scale

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**self._asdict(), "holds": self.holds}

    def lines(self) -> list[str]:
        """Return it as lines of prose."""
        kind = "float32" if self.single else "float64"
        if self.update is None:
            found = "no difference"
        else:
            share = self.largest / self.scale if self.scale else 0.0
            found = (
                f"largest difference {self.largest:.2g} at update {self.update:,}: "
                f"{self.ulp:.3g} ulp ({kind}) or {share:.1g} of full scale"
            )
        verb = "Verified by running" if self.verified else "Compared by"
        return [
            f"{verb} {self.by}: {self.compared}, {found}.",
            f"Past the end: {self.past_end}.",
            f"Offset: {self.offset}.",
            f"Rounding: {self.rounding}.",
            f"Groups: {self.groups}. Unit: {self.units}.",
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Draft(NamedTuple):
    """What a writer offers, before it is compared.

    Attributes:
        code: the text without the certificate.
        native: whether it is the framework's own classes or settings.
        by: what `rates` are computed by.
        rates: the rates that it gives, without the framework.
        run: the rates that the framework itself gives for `code`; None where it cannot be run.
        ran: what `run` runs.
        reach: from which update on `rates` takes too long.
        run_reach: from which update on `run` takes too long.
        run_every: up to how many updates `run` takes each.
        single: whether the framework computes in float32.
        comment: what a line of comment begins with; empty where the format has none.
        rounding: what was rounded.
        groups: for which parameter groups it is.
        offset: which rate update k has.
        units: what a step is.
    """

    code: str
    native: bool
    by: str
    rates: Rates
    run: Rates | None = None
    ran: str = ""
    reach: float = math.inf
    run_reach: float = EVERY
    run_every: int = EVERY
    single: bool = False
    comment: str = "#"
    rounding: str = "none"
    groups: str = "all of the optimizer's get the same rate"
    offset: str = "update k, counted from 0, has the schedule's rate at step k"
    units: str = "updates of the optimizer"


def certify(schedule: Schedule, target: str, draft: Draft, verify: bool = False) -> Certificate:
    """Return how a draft compares with its schedule."""
    if verify and draft.run is None:
        raise ScheduleError(
            f"{target}: `verify` must be False, since nothing here can run it: {draft.by} says "
            "what it does"
        )
    rates = draft.run if verify and draft.run else draft.rates
    reach, every = (draft.run_reach, draft.run_every) if verify else (draft.reach, EVERY)
    steps, words = _compared(schedule, reach, every)
    truth = [schedule(step) for step in steps]
    scale = _scale(schedule, truth, draft.single)
    apart = [abs(a - b) for a, b in zip(rates(steps), truth, strict=True)]
    largest = max(apart, key=lambda d: math.inf if math.isnan(d) else d)
    ulp = scale * SINGLE if draft.single else math.ulp(scale)
    return Certificate(
        target=target,
        native=draft.native,
        by=draft.ran if verify else draft.by,
        verified=verify,
        compared=words,
        largest=largest,
        update=steps[apart.index(largest)] if largest else None,
        ulp=largest / ulp if ulp else 0.0,
        scale=scale,
        single=draft.single,
        tolerance=4 * SINGLE if draft.single else TOLERANCE,
        past_end=_past_end(schedule, draft, scale),
        offset=draft.offset,
        rounding=draft.rounding,
        groups=draft.groups,
        units=draft.units,
    )


def _compared(schedule: Schedule, reach: float, every: int) -> tuple[list[int], str]:
    """Return the updates to compare, and which these are in words."""
    end = schedule.steps
    every = int(min(every, reach))
    if end <= every:
        count = max(1, int(end))
        return list(range(count)), f"all {count:,} updates" if count > 1 else "its only rate"
    last = int(min(end - 1 if end < math.inf else 10 * EVERY, reach - 1))
    steps = {*range(every, last + 1, max(1, (last - every) // SPREAD)), last}
    for step in islice(schedule.breaks(every), SPREAD):
        steps.update((step - 1, step, step + 1))
    more = sorted(step for step in steps if every <= step <= last)
    words = f"the first {every:,} updates"
    words += f" and {len(more):,} of those up to {last:,}" if more else ""
    return [*range(every), *more], words


def _scale(schedule: Schedule, truth: Sequence[float], single: bool) -> float:
    """Return the highest rate; float32 has no more digits than those of its parts' highest."""
    highest = max(truth)
    return max(highest, schedule.bound()) if single and schedule.bound() < math.inf else highest


def _past_end(schedule: Schedule, draft: Draft, scale: float) -> str:
    """Return what a draft does after the last update of its schedule, in words."""
    if schedule.steps == math.inf:
        return "the schedule never ends"
    end = int(schedule.steps)
    steps = sorted({end, end + 1, end + max(2, end // 2), 2 * end + 2})
    if steps[-1] >= draft.reach:
        return "not compared"
    try:
        truth = [schedule(step) for step in steps]
    except ScheduleError:
        return f"the schedule has no rate past update {end:,}"
    tolerance = (4 * SINGLE if draft.single else TOLERANCE) * scale
    try:
        found = zip(steps, truth, draft.rates(steps), strict=True)
    except ScheduleError:
        return f"it has no rate there, where the schedule holds {truth[-1]:.6g}"
    step, rate, other = max(found, key=lambda place: abs(place[1] - place[2]))
    if not abs(rate - other) <= tolerance:
        return f"it goes on: {other:.6g} at update {step:,}, where the schedule holds {rate:.6g}"
    return f"the last rate, {truth[-1]:.6g}, holds"
