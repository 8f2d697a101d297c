"""Which runs to make for a forecast: at each of a few peaks a trunk and its cooldowns."""

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear
from glissando.forecasting.rules_of_thumb import BEGIN, plain, warmup_for
from glissando.recipes.arguments import LengthOrZero
from glissando.rules import MAX_RATE, STEPS, Many, Number, Ratio, Rule, Steps, plain_number
from glissando.schedule import Schedule
from glissando.signatures import held_to_rules
from glissando.value import Value

PEAKS = Many(
    Number(0, MAX_RATE, above=True), "a list of rates, each above the one before", increasing=True
)
COOLDOWNS = Many(
    Number(0, 1, above=True), "a list of fractions, each above the one before", increasing=True
)


class _Peaks(Rule):
    """Peaks: some of them, one to go around, or a range with the good ones in it."""

    words = "a rate, a list of rates, or what gl.find_rate or gl.transfer_peak returned"

    def check(self, value: Any, where: str) -> tuple[float, ...]:
        interval = getattr(value, "interval", value)
        if hasattr(interval, "low") and hasattr(interval, "high"):
            return _within(interval.low, interval.high, where)
        if plain_number(value) is not None:
            middle = PEAKS.member.check(value, where)
            return (middle / 2, middle, middle * 2)
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return _sorted(value, PEAKS.member, where)


class _Fractions(Rule):
    """Fractions of a length, in any order."""

    def check(self, value: Any, where: str) -> tuple[float, ...]:
        return _sorted(value, COOLDOWNS.member, where)


def _sorted(value: Any, member: Number, where: str) -> tuple[float, ...]:
    found = sorted(set(Many(member, "a list of numbers").check(value, where)))
    if not found:
        raise ScheduleError(f"{where} must be one number or more, got none")
    return tuple(found)


class Pilot(NamedTuple):
    """A run to make.

    Attributes:
        name: its name, such as "0.001 cooldown 20%".
        peak: the highest rate.
        schedule: the schedule, ready to train; that of a branch begins with its trunk's.
        steps: at which update the run ends.
        trunk: the name of the run that it branches from; None for a trunk.
        branched_at: after how many updates it does.
    """

    name: str
    peak: float
    schedule: Schedule
    steps: int
    trunk: str | None = None
    branched_at: int | None = None

    @property
    def updates(self) -> int:
        """How many updates it costs: a branch begins with its trunk's checkpoint."""
        return self.steps - (self.branched_at or 0)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        data = {**self._asdict(), "schedule": self.schedule.to_data(), "updates": self.updates}
        return {name: value for name, value in data.items() if value is not None}


class Pilots(Value, tag="pilots"):
    """Runs to make before a forecast; `gl.pilots` writes them.

    An iteration has each trunk, then its cooldowns from the longest on, in the order in which they
    leave it. Printed it is a table.

    Args:
        peaks: the peaks.
        steps: the length of the full run.
        warmup: the length of the warm-up.
        cooldowns: the lengths of the cooldowns, as fractions of a pilot's.
        until: where the pilots end, as a fraction of the full run.

    Raises:
        ScheduleError: an argument breaks its rule; a cooldown would have no step, or leave none
            after the warm-up.
    """

    peaks: Annotated[Sequence[float], PEAKS]
    steps: Steps
    warmup: Annotated[int, Number(0, 2**53, whole=True)]
    cooldowns: Annotated[Sequence[float], COOLDOWNS]
    until: Ratio

    def check(self) -> None:
        """Hold the cooldowns to the pilot's length."""
        for fraction in self.cooldowns:
            if not self.warmup < self.end - self._length(fraction) < self.end:
                raise ScheduleError(
                    f"pilots: `cooldowns` must begin after the warm-up, of {self.warmup:,} steps, "
                    f"and before the pilot's end at step {self.end:,}, got {fraction:g}, which is "
                    f"{self._length(fraction):,} steps"
                )

    @property
    def end(self) -> int:
        """The update at which all pilots end."""
        return round(self.until * self.steps)

    @property
    def updates(self) -> int:
        """How many updates all cost."""
        return sum(pilot.updates for pilot in self)

    @property
    def cost(self) -> float:
        """How much all cost, in full runs."""
        return self.updates / self.steps

    def __iter__(self) -> Iterator[Pilot]:
        """Yield the runs."""
        for peak in self.peaks:
            rate = Linear(plain(BEGIN * peak), peak, self.warmup) >> Constant(peak)
            trunk = Pilot(f"{peak:.6g} trunk", peak, rate, self.end)
            yield trunk
            for fraction in reversed(self.cooldowns):
                length = self._length(fraction)
                at = self.end - length
                cooled = rate.branch(at, Linear(1.0, 0.0, length))
                name = f"{peak:.6g} cooldown {fraction:.4g}"
                yield Pilot(name, peak, cooled, self.end, trunk.name, at)

    def __len__(self) -> int:
        return len(self.peaks) * (1 + len(self.cooldowns))

    def __getitem__(self, name: str) -> Pilot:
        """Return a run by its name."""
        for pilot in self:
            if pilot.name == name:
                return pilot
        raise KeyError(name)

    def __str__(self) -> str:
        head = ("run", "from step", "to step", "updates")
        rows = [(p.name, f"{p.branched_at or 0:,}", f"{p.steps:,}", f"{p.updates:,}") for p in self]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
            for row in (head, *rows)
        ]
        end = (
            f"In all {self.updates:,} updates, as {self.cost:.3g} full runs of {self.steps:,}. "
            "A cooldown goes on from its trunk's checkpoint: weights, optimizer, place in the data."
        )
        return "\n".join([*lines, end])

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form, with the runs and their cost."""
        runs = [pilot.to_data() for pilot in self]
        return super().to_data() | {"runs": runs, "updates": self.updates, "cost": self.cost}

    def _length(self, fraction: float) -> int:
        return round(fraction * self.end)


def _count_warmup(given: dict[str, Any]) -> None:
    warmup = given["warmup"]
    if warmup is None or isinstance(warmup, str):
        steps = int(STEPS.check(given["steps"], "pilots: `steps`"))
        counted = warmup_for(steps) if warmup is None else Plan(steps).steps_in(warmup)
        given["warmup"] = counted


@held_to_rules("pilots", _count_warmup)
def pilots(
    peaks: Annotated[Any, _Peaks()],
    steps: Steps,
    warmup: LengthOrZero | None = None,
    cooldowns: Annotated[Sequence[float], _Fractions()] = (0.2, 0.4),
    until: Ratio = 0.6,
) -> Pilots:
    """Return which runs to make for a forecast: at each peak a trunk, and cooldowns from it.

    A trunk is a warm-up and a constant rate. A cooldown leaves it for a straight line to 0 and ends
    where the trunk does, so that all are compared at one step. Two of different length show how a
    model forgets; one does not. A law compares shapes at one peak only: the pilots' own cooled
    losses name the best peak.

    Args:
        peaks: the peaks; or one, to which its half and its double are added; or the answer of
            `gl.find_rate` or `gl.transfer_peak`: the middle of its interval, and what lies in it at
            factors of 2 from there, at least one to either side.
        steps: the length of the full run, 1 or more.
        warmup: the length of the warm-up, 0 or more steps, or a percentage of `steps` such as
            "3%"; by default 5 % of them, at most 2,000.
        cooldowns: the lengths of the cooldowns, as fractions of a pilot's, above 0 and below 1.
        until: where the pilots end, as a fraction of `steps`: above 0, at most 1.

    Raises:
        ScheduleError: an argument breaks its rule; a cooldown would have no step, or leave none
            after the warm-up; the interval of a finder is open at an end.

    Example:
        >>> plan = pilots([1e-3, 2e-3], steps=10_000)
        >>> len(plan), plan.updates, plan.cost
        (6, 19200, 1.92)
        >>> run = plan["0.001 cooldown 0.2"]
        >>> run.branched_at, run.steps, run.updates
        (4800, 6000, 1200)

    Source:
        The idea of trunks with branches: A. Hägele et al., "Scaling Laws and Compute-Optimal
        Training Beyond Fixed Training Durations", 2024, arXiv:2405.18392.
    """
    assert warmup is not None  # it was counted
    return Pilots(peaks, steps, warmup, cooldowns, until)


def _within(low: Any, high: Any, where: str) -> tuple[float, ...]:
    """Return the middle of an interval, and the rates at factors of 2 from it that lie within."""
    ends = [plain_number(end) or 0.0 for end in (low, high)]
    if not 0 < ends[0] <= ends[1] < math.inf:
        raise ScheduleError(
            f"{where} must have an interval with two ends above 0, got {shown(low)} to "
            f"{shown(high)}; write the peaks as a list"
        )
    middle = math.sqrt(ends[0]) * math.sqrt(ends[1])
    reach = max(1, int(math.log2(ends[1] / middle) + 1e-9))
    return tuple(float(f"{middle * 2.0**k:.3g}") for k in range(-reach, reach + 1))
