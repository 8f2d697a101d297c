"""Numbers in the order of their steps: what a log has twice, and where it begins again."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import chain
from typing import NamedTuple


class Ordered(NamedTuple):
    """Steps, each above the one before, their numbers, and what was done for that, if anything."""

    steps: Sequence[int]
    values: Sequence[float]
    notes: str


def ordered(pairs: Iterable[tuple[int, float]]) -> Ordered:
    """Return steps and numbers in the order of the steps.

    What is there twice with the same number is kept once. Where a step comes again with another
    number, the run was resumed: what the log had before, of that step and later ones, is left out.
    """
    steps, values, last = array("q"), array("d"), -1
    rest = iter(pairs)
    for step, value in rest:  # as nearly all logs are, in arrays
        if step <= last:
            return _sorted(dict(zip(steps, values, strict=True)), chain([(step, value)], rest))
        steps.append(step)
        values.append(value)
        last = step
    return Ordered(steps, values, "")


def _sorted(known: dict[int, float], rest: Iterator[tuple[int, float]]) -> Ordered:
    """Return what is `known`, in the order of its steps, and the rest of a log."""
    latest = [-step for step in reversed(known)]  # a heap, the last step on top
    last, dropped = -latest[0], 0
    again: tuple[int, int] | None = None
    late: tuple[int, int] | None = None
    for step, value in rest:
        if step in known:
            if known[step] == value:
                continue
            again = again or (step, last)
            while latest and -latest[0] >= step:
                del known[-heappop(latest)]
                dropped += 1
        elif step < last:
            late = late or (step, last)
        known[step] = value
        heappush(latest, -step)
        last = step
    steps = sorted(known)
    return Ordered(steps, [known[step] for step in steps], _told(again, dropped, late))


def _told(again: tuple[int, int] | None, dropped: int, late: tuple[int, int] | None) -> str:
    if again:
        return (
            f"has other numbers for steps that it had before, first at step {again[0]} after step "
            f"{again[1]}: the run was resumed or begun anew, or the log has two writers; "
            f"the later rows are taken, and {dropped} earlier ones left out"
        )
    if late:
        return (
            f"is not in the order of its steps, first at step {late[0]} after step {late[1]}: "
            "its rows are put in order"
        )
    return ""
