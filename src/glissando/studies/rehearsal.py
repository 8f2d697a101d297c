"""What a study will take, from its plan and the runs that were made."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from glissando.studies.rungs.decide import Expected
from glissando.studies.runs.run import Outcome, Run


class Rehearsal(NamedTuple):
    """What a study will take at most.

    Attributes:
        stages: the stages, each with its runs and updates.
        per_update: how many seconds an update takes, the start of its run included; None where no
            run has made one.
        measured: how many runs that is from.
        slots: how many runs are made at once.
    """

    stages: tuple[Expected, ...]
    per_update: float | None
    measured: int
    slots: int

    @classmethod
    def of(
        cls, stages: Sequence[Expected], outcomes: Iterable[tuple[Run, Outcome]], slots: int
    ) -> "Rehearsal":
        """Return what is expected, by the time that runs took."""
        updates, seconds, measured = 0, 0.0, 0
        for _, outcome in outcomes:
            updates += outcome.updates
            seconds += outcome.seconds
            measured += outcome.updates > 0
        return cls(tuple(stages), seconds / updates if updates else None, measured, slots)

    @property
    def updates(self) -> int:
        """How many updates all stages take."""
        return sum(stage.updates for stage in self.stages)

    @property
    def seconds(self) -> float | None:
        """How long all takes, with as many runs at once as there are slots."""
        return None if self.per_update is None else self.updates * self.per_update / self.slots

    def __str__(self) -> str:
        rows = [(s.title, f"{s.runs:,} runs", f"{s.updates:,} updates") for s in self.stages]
        rows += [
            ("in all", f"{sum(s.runs for s in self.stages):,} runs", f"{self.updates:,} updates")
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{title:<{widths[0]}}  {runs:>{widths[1]}}  {updates:>{widths[2]}}"
            for title, runs, updates in rows
        ]
        if self.seconds is None or self.per_update is None:
            return "\n".join([*lines, "No run has made an update: how long it takes is not known."])
        many = "One run says" if self.measured == 1 else f"{self.measured} runs say"
        time = (
            f"{many}: {1000 * self.per_update:.3g} ms an update. With {self.slots} at once "
            f"all takes {duration_of(self.seconds)} at most."
        )
        return "\n".join([*lines, "", time])

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "stages": [stage._asdict() for stage in self.stages],
            "updates": self.updates,
            "seconds_per_update": self.per_update,
            "measured_runs": self.measured,
            "slots": self.slots,
            "seconds": self.seconds,
        }


def duration_of(seconds: float) -> str:
    """Return a length of time in words.

    Example:
        >>> duration_of(42), duration_of(600), duration_of(9000), duration_of(400_000)
        ('42 s', '10 min', '2.5 h', '4.6 days')
    """
    for size, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {name}"
    return f"{seconds:.2g} s"
