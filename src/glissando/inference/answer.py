"""What inference answers: the schedule, how sure each number is, and what the log cannot tell."""

from typing import Any, NamedTuple

from glissando.pages import cut
from glissando.schedule import Schedule


class Told(NamedTuple):
    """A number of a schedule, and between what the log holds it.

    Attributes:
        name: which number it is.
        value: what it is taken for.
        low: the lowest that it may be, the others being free.
        high: the highest.
    """

    name: str
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.high - self.low <= 1e-6 * max(abs(self.value), abs(self.high)):
            return f"{self.name}: {self.value:.10g}"
        return f"{self.name}: {self.value:.10g}, from {self.low:.6g} to {self.high:.6g}"


class Skip(NamedTuple):
    """Updates that were skipped between two rows.

    Attributes:
        after: the step of the row before them; None if they are before the first.
        before: the step of the first row that is behind by them.
        updates: how many they are.
    """

    after: float | None
    before: float
    updates: int

    def __str__(self) -> str:
        if self.after is None:
            return f"{self.updates} before step {self.before:g}"
        return f"{self.updates} between steps {self.after:g} and {self.before:g}"


LONGEST = 400
"""How much of a schedule's text is printed: a table may have thousands of points."""


PLACES = 12
"""How many places are printed where updates were skipped."""


class Inference(NamedTuple):
    """The schedule that a log shows, as `infer` found it.

    Attributes:
        schedule: the simplest schedule that explains every row.
        kind: "expression", or "table" where no expression explains every row.
        lag: a row with step s holds the rate of update s - lag.
        rows: how many rows were compared.
        worst: how far a row is from the schedule at most, as a fraction of how exactly it is known.
        numbers: the numbers of the expression, each with its interval.
        unknown: what the log cannot tell, in sentences.
        notes: what was odd about the log, in sentences.
        skipped: the updates that a gradient scaler skipped, where the rates fall behind by some.
        per_epoch: how many updates an epoch has, where rows are of epochs and tell it.
        reading: what a row holds, in words.
        batches: how many of the log's steps an update has, where they are batches.
    """

    schedule: Schedule
    kind: str
    lag: int
    rows: int
    worst: float
    numbers: tuple[Told, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = ()
    per_epoch: int | None = None
    reading: str = ""
    batches: int = 1

    def to_data(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return {
            "schedule": str(self.schedule),
            "kind": self.kind,
            "lag": self.lag,
            "rows": self.rows,
            "worst": self.worst,
            "numbers": [number._asdict() for number in self.numbers],
            "unknown": list(self.unknown),
            "notes": list(self.notes),
            "per_epoch": self.per_epoch,
            "reading": self.reading,
            "batches": self.batches,
            "skipped": [skip._asdict() for skip in self.skipped],
        }

    def __str__(self) -> str:
        late = "" if self.lag == 0 else f"row s holds the rate of update {less(self.lag)}"
        which = f"; {said}" if (said := self.reading or late) else ""
        rows = f"{self.rows:,} row" + "s" * (self.rows != 1)
        explained = f"It explains {rows}, none off by more than {self.worst:.2g} of its resolution"
        lines = [cut(str(self.schedule), LONGEST), f"{explained}{which}."]
        lines += [f"  {number}" for number in self.numbers]
        return "\n".join([*lines, *self._skips(), *self.unknown, *self.notes])

    def _skips(self) -> list[str]:
        total = sum(skip.updates for skip in self.skipped)
        if not total:
            return []
        places = ", ".join(map(str, self.skipped[:PLACES]))
        more = len(self.skipped) - PLACES
        later = f" and at {more} later places" if more > 0 else ""
        were = "1 update was" if total == 1 else f"{total:,} updates were"
        return [f"{were} skipped, as a gradient scaler does: {places}{later}."]


def less(lag: int) -> str:
    """Return the update, or the epoch, of row s in words."""
    return "s" if lag == 0 else f"s − {lag}" if lag > 0 else f"s + {-lag}"
