"""What a configuration does not hold, and the user says."""

import re
from typing import NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.rules import STEPS

TEXTS = ("framework_version", "group")
"""What is no number of anything."""


class Given(NamedTuple):
    """What is known of a run beside its configuration; None where nobody said it.

    Attributes:
        steps: how many updates the run makes.
        steps_per_epoch: how many updates an epoch has.
        samples: how many samples an epoch has.
        world_size: how many processes train.
        batch_size: how many samples a process takes at once.
        accumulation: over how many batches an update is accumulated.
        tokens_per_step: how many tokens an update takes.
        classes: how many classes the data have.
        framework_version: the version of the framework, where its rules have changed.
        group: the name or number of the parameter group whose rate is asked for.
    """

    steps: int | None = None
    steps_per_epoch: int | None = None
    samples: int | None = None
    world_size: int | None = None
    batch_size: int | None = None
    accumulation: int | None = None
    tokens_per_step: int | None = None
    classes: int | None = None
    framework_version: str | None = None
    group: str | int | None = None

    def need(self, reader: str, *names: str) -> None:
        """Raise unless all of these are given: nothing is guessed.

        Raises:
            ScheduleError: one is missing; the message names the option that gives it.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            options = " and ".join(f"`{name}` (--{name.replace('_', '-')})" for name in missing)
            raise ScheduleError(f"{reader}: the file does not say {options}: give it")

    def checked(self) -> "Given":
        """Return the same, with whole numbers of 1 or more and the version as text.

        Raises:
            ScheduleError: one is something else.
        """
        for name, value in self._asdict().items():
            if value is not None and name not in TEXTS:
                STEPS.check(value, f"read: `{name}`")
        if self.framework_version is None:
            return self
        version = str(self.framework_version)
        if not re.match(r"\d{1,4}(\.\d{1,4})*", version):
            raise ScheduleError(
                "read: `framework_version` must be numbers with dots between them, such as "
                f"'4.51.0', got {shown(version)}"
            )
        return self._replace(framework_version=version)

    def version(self) -> tuple[int, ...] | None:
        """Return the version's numbers, to be compared: (4, 51, 0)."""
        found = re.match(r"\d{1,4}(\.\d{1,4})*", self.framework_version or "")
        return tuple(map(int, found[0].split("."))) if found else None
