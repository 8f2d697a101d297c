"""A run as data: a schedule, and the losses seen under it."""

import math
import os
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Annotated

from glissando.errors import ScheduleError, shown
from glissando.logs.fields import Endless, Text
from glissando.rules import COUNT, MAX_RATE, MAX_STEP, Choice, Many, Maybe, Number
from glissando.schedule import Part, Schedule
from glissando.text import from_data
from glissando.text.files import write_whole
from glissando.text.formats import write_json
from glissando.value import Value, entries

INCREASING = "a list of whole steps, each above the one before"


class _Loss(Endless):
    """A loss; one that is no finite number is kept as infinite: the run has diverged."""

    def check(self, value: object, where: str) -> float:
        if isinstance(value, float) and not math.isfinite(value):
            return math.inf
        return super().check(value, where)


class Curve(Value, tag="curve"):
    """A run: the schedule that it followed, and its losses.

    `losses[i]` is the loss after `steps[i]` updates, which used the schedule's rates from step 0 to
    `steps[i]` - 1.

    Args:
        schedule: the schedule of the run, from its first update on.
        steps: after how many updates each loss was taken, each above the one before.
        losses: the losses, as many; what is infinite or no number says that the run diverged.
        name: what to call the run.
        kind: what the losses are of: "training" data, or data of "validation".
        batch: how many samples or tokens an update took, if that is known: only runs of one batch
            size can be compared.
        steps_per_epoch: how many updates a pass over the data takes, if that is known: after that
            data repeat.
        branched_at: the update at which this run left another, whose rates and losses it shares
            until there.

    Raises:
        ScheduleError: an argument breaks its rule; there are not as many losses as steps, or none.

    Example:
        >>> from glissando import Linear
        >>> curve = Curve(Linear(0.1, 0.0, steps=200), steps=[100, 200], losses=[2.5, 2.25])
        >>> curve.last
        2.25
        >>> Curve.from_data(curve.to_data()) == curve
        True
    """

    schedule: Annotated[Schedule, Part()]
    steps: Annotated[Sequence[int], Many(COUNT, INCREASING, increasing=True)]
    losses: Annotated[Sequence[float], Many(_Loss(-MAX_RATE, MAX_RATE), "a list of losses")]
    name: Annotated[str, Text()] = ""
    kind: Annotated[str, Choice("training", "validation")] = "training"
    batch: Annotated[float | None, Maybe(Number(0, MAX_RATE, above=True))] = None
    steps_per_epoch: Annotated[float | None, Maybe(Number(0, MAX_STEP, above=True))] = None
    branched_at: Annotated[int | None, Maybe(COUNT)] = None

    positional = ("schedule",)

    def check(self) -> None:
        """Hold the losses to the steps."""
        if len(self.steps) != len(self.losses) or not self.steps:
            raise ScheduleError(
                "Curve: `losses` must be as many as `steps`, 1 or more, got "
                f"{len(self.losses)} losses and {len(self.steps)} steps"
            )

    @property
    def last(self) -> float:
        """The last loss."""
        return float(self.losses[-1])

    @property
    def diverged(self) -> bool:
        """Whether a loss is infinite or was no number."""
        return math.inf in self.losses

    def until(self, step: int) -> "Curve":
        """Return the run up to a step, of which a loss must be there.

        Raises:
            ScheduleError: there is no loss up to that step.
        """
        kept = [at <= step for at in self.steps]
        if not any(kept):
            raise ScheduleError(
                f"Curve: `step` must be {self.steps[0]} or more, where the losses begin, got {step}"
            )
        steps, losses = compress(self.steps, kept), compress(self.losses, kept)
        return self.replace(steps=list(steps), losses=list(losses))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a .json file, whole or not at all; `gl.read_curve` reads it.

        Raises:
            ScheduleError: the path does not end in .json.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".json":
            raise ScheduleError(f"Curve: `path` must end in .json, got {shown(str(path))}")
        write_whole(target, write_json(self.to_data()).encode())

    @classmethod
    def from_data(cls, data: object) -> "Curve":
        """Return the run that a JSON form describes.

        Raises:
            ScheduleError: the form is of no run, or a field is unknown, missing or breaks its rule.
        """
        found = entries(cls, data)
        found["schedule"] = from_data(found["schedule"])
        return cls(**found)
