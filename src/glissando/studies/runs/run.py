"""A run of a study, and what came of it: plain values."""

import hashlib
import json
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.logs.fields import Text
from glissando.plateau import OnPlateau
from glissando.rules import MAX_RATE, Maybe, Number, Rule, Steps
from glissando.schedule import Schedule
from glissando.studies.candidate import Candidate, Followed
from glissando.text import from_data
from glissando.value import Value, entries

SEED = Number(0, 2**32 - 1, whole=True)
"""What every framework takes for a seed."""


class _Followed(Rule):
    """What a training follows."""

    words = "a schedule, or a schedule on a plateau"

    def check(self, value: Any, where: str) -> Any:
        if not isinstance(value, Schedule | OnPlateau):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(value)}")
        return value

    def to_data(self, value: Any) -> Any:
        return value.to_data()


class Run(Value):
    """One training: two runs with the same schedule, length and seed have one result.

    Args:
        candidate: the name of the candidate.
        peak: the peak that it is tried at; None where its rates are literal.
        steps: how many updates it makes.
        seed: what draws the first weights and the order of the data.
        schedule: what it follows: a complete schedule of so many steps.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    candidate: Annotated[str, Text()]
    peak: Annotated[float | None, Maybe(Number(0, MAX_RATE, above=True))]
    steps: Steps
    seed: Annotated[int, SEED]
    schedule: Annotated[Followed, _Followed()]

    @classmethod
    def of(cls, candidate: Candidate, peak: float | None, steps: int, seed: int) -> "Run":
        """Return the run of a candidate."""
        return cls(candidate.name, peak, steps, seed, candidate.at(peak, steps))

    @cached_property
    def key(self) -> str:
        """A short name, the same for all runs that have one result."""
        what = {"schedule": self.schedule.to_data(), "steps": self.steps, "seed": self.seed}
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """What messages call it."""
        peak = "as written" if self.peak is None else f"peak {self.peak:g}"
        return f"{self.candidate}, {peak}, {self.steps:,} steps, seed {self.seed}"

    @classmethod
    def from_data(cls, data: object) -> "Run":
        """Return the run that a JSON form describes.

        Raises:
            ScheduleError: a field is unknown, missing, or breaks its rule.
        """
        found = entries(cls, data)
        schedule = found.get("schedule")
        on_plateau = isinstance(schedule, Mapping) and schedule.get("type") == OnPlateau.tag
        found["schedule"] = (OnPlateau.from_data if on_plateau else from_data)(schedule)
        return cls(**found)


class Outcome(NamedTuple):
    """What came of a run.

    Attributes:
        loss: the last loss, infinite if the run diverged; None if it failed.
        error: why it failed, in a line; None if it did not.
        updates: how many updates were made for it, those of all attempts: fewer than its steps
            where it began with another run's.
        seconds: how long that took, of all attempts.
        began_at: the step of another run's checkpoint that it began from; 0 if it began anew.
        began_from: the key of that run; None if it began anew.
        attempts: how often it was begun or gone on with.
        machine: where it ran.
    """

    loss: float | None
    error: str | None = None
    updates: int = 0
    seconds: float = 0.0
    began_at: int = 0
    began_from: str | None = None
    attempts: int = 1
    machine: str = ""

    @property
    def failed(self) -> bool:
        """Whether there is no result, as of a training that raises."""
        return self.loss is None

    @property
    def diverged(self) -> bool:
        """Whether the loss became infinite or no number."""
        return self.loss == math.inf

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self._asdict() | {"loss": "inf" if self.diverged else self.loss}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Outcome":
        """Return the outcome that a JSON form describes."""
        return cls(**{**data, "loss": math.inf if data["loss"] == "inf" else data["loss"]})
