"""Compares the length of what is followed with that of the run."""

import math

from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import bare, by_name
from glissando.adapters.torch.scheduler import Scheduler


def compare(
    scheduler: Scheduler, updates: int, where: str, reaction: Reaction, remedy: str, *, first: bool
) -> None:
    """Report the schedules that end at another update than the run does.

    A schedule without an end fits any run.

    Args:
        scheduler: what follows them.
        updates: how many updates the run makes.
        where: what the message calls the adapter.
        reaction: what to do about one.
        remedy: what to write instead.
        first: whether this process is the one that warns; all of them raise, or some would wait
            for the others for ever.
    """
    for name, followed in by_name(scheduler.schedule).items():
        steps = bare(followed).steps
        # the last update is the one before the number of them: a step less reaches the end too
        if steps == math.inf or updates - 1 <= steps <= updates:
            continue
        if steps > updates:
            what = f"training stops {steps - updates} steps before the schedule's end"
        else:
            what = f"the last {updates - steps} updates are past the schedule's end"
        if first or reaction == "raise":
            react(
                reaction,
                f"{where}: the schedule of `{name}` has {steps} steps, but the run makes {updates} "
                f"updates: {what}. {remedy}; if it is meant, pass on_length='ignore'",
            )
