"""What an adapter does about what it finds wrong in training: warn, raise, or ignore it."""

import warnings
from typing import Literal, get_args

from glissando.rules import ScheduleError, one_of

Reaction = Literal["warn", "raise", "ignore"]


def check_reaction(reaction: object, where: str) -> None:
    """Raise if `reaction` is none."""
    one_of(reaction, get_args(Reaction), where)


def react(reaction: str, message: str) -> None:
    """Warn of a message, raise it as a `ScheduleError`, or ignore it."""
    if reaction == "raise":
        raise ScheduleError(message)
    if reaction == "warn":
        warnings.warn(message, stacklevel=3)


class Conflicts:
    """Reports that something else wrote a scheduled value; a warning is given once.

    Args:
        reaction: what to do.
        where: the adapter's name for messages.

    Raises:
        ScheduleError: `reaction` is none.
    """

    def __init__(self, reaction: str, where: str) -> None:
        check_reaction(reaction, f"{where}: `on_conflict`")
        self.reaction = reaction
        self._warned = False

    @property
    def silent(self) -> bool:
        """Whether nothing more is to be reported, so that nobody need look."""
        return self.reaction == "ignore" or self._warned

    def report(self, message: str) -> None:
        """Warn of a conflict, or raise it; if `silent`, do nothing."""
        if not self.silent:
            advice = "or pass on_conflict='ignore' to let the schedule overrule the other"
            react(self.reaction, f"{message}, {advice}")
            self._warned = True
