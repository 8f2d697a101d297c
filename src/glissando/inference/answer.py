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


LONGEST = 400
"""How much of a schedule's text is printed: a table may have thousands of points."""


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
    """

    schedule: Schedule
    kind: str
    lag: int
    rows: int
    worst: float
    numbers: tuple[Told, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

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
        }

    def __str__(self) -> str:
        which = "" if self.lag == 0 else f"; row s holds the rate of update {_at(self.lag)}"
        rows = f"{self.rows:,} row" + "s" * (self.rows != 1)
        explained = f"It explains {rows}, none off by more than {self.worst:.2g} of its resolution"
        lines = [cut(str(self.schedule), LONGEST), f"{explained}{which}."]
        lines += [f"  {number}" for number in self.numbers]
        return "\n".join([*lines, *self.unknown, *self.notes])


def _at(lag: int) -> str:
    return f"s − {lag}" if lag > 0 else f"s + {-lag}"
