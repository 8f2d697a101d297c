"""What an adapter does about what it finds wrong in training: warn, raise, or ignore it."""

import warnings
from collections.abc import Callable, Mapping
from operator import eq
from typing import Any, Literal, get_args

from glissando.errors import ScheduleError, one_of, shown

Reaction = Literal["warn", "raise", "ignore"]


def check_reaction(reaction: object, where: str) -> None:
    """Raise if `reaction` is none."""
    one_of(reaction, get_args(Reaction), where)


def react(reaction: Reaction, message: str) -> None:
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

    def __init__(self, reaction: Reaction, where: str) -> None:
        check_reaction(reaction, f"{where}: `on_conflict`")
        self.reaction = reaction
        self.where = where
        self._warned = False

    @property
    def silent(self) -> bool:
        """Whether nothing more is to be reported, so that nobody need look."""
        return self.reaction == "ignore" or self._warned

    def compare(
        self,
        when: str,
        wrote: Mapping[str, float],
        read: Callable[[str], Any],
        writer: str,
        same: Callable[[Any, float], bool] = eq,
    ) -> None:
        """Report the first value that is no longer what the schedule had set, if there is one.

        Args:
            when: where training is, such as "before round 3".
            wrote: by name, what was set last.
            read: returns what is there now, given a name.
            writer: who writes it too, `{name}` standing for the name.
            same: whether what is there now is what was set.
        """
        if self.silent:
            return
        for name, value in wrote.items():
            if not same(now := read(name), value):
                self.report(f"{when} `{name}`", now, value, writer.format(name=name))
                return

    def report(self, what: str, now: Any, wrote: float, writer: str) -> None:
        """Report a value that is no longer what the schedule had set; if `silent`, do nothing.

        Args:
            what: when, and which value, such as "before update 3 `lr` of group 0".
            now: what is there now.
            wrote: what was set last.
            writer: who writes it too.
        """
        if self.silent:
            return
        found = f"{now:.6g}" if isinstance(now, float) else shown(now)
        react(
            self.reaction,
            f"{self.where}: {what} is {found}, but the schedule had set {wrote:.6g}: {writer} too. "
            "Keep one owner, or pass on_conflict='ignore' to let the schedule overrule the other",
        )
        self._warned = True
