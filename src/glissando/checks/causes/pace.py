"""The schedule is advanced too often or too seldom: by processes, micro-batches or epochs."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View
from glissando.combinators.stretch import HoldEach

USUAL = np.arange(2, 65)
MANY = (72, 80, 96, 128, 256, 512, 1024)

MOST_UPDATES = 20_000
"""How many updates an epoch may have."""

PROCESSES, ACCUMULATION = "advanced once a process", "accumulation not divided"
EPOCHS, UPDATES = "epochs for updates", "updates for epochs"


def explain(view: View) -> Iterator[Explanation]:
    """Yield a schedule that is advanced n times an update, or once in n updates."""
    yield from _fast(view)
    yield from _by_update(view)
    yield from _slow(view)
    yield from _warm_up_not_multiplied(view)


def _counts(view: View) -> Any:
    given = view.given
    hints = [given.world_size, given.accumulation, given.per_epoch]
    if given.world_size and given.accumulation:
        hints.append(given.world_size * given.accumulation)
    return np.unique([*USUAL, *MANY, *(hint for hint in hints if hint and hint > 1)])


def _fast(view: View) -> Iterator[Explanation]:
    held = view.meant.schedule
    counts = _counts(view)
    if isinstance(held, HoldEach):
        counts = np.unique([*counts, held.every])
    curve, further, found = _faster(view, counts)
    if not len(found):
        return
    n = _preferred(view, found)
    name, words = PROCESSES, f"{n} times an update, as by each of {n} processes"
    cost = 6 + np.log2(n) + odd(view, n)
    if (isinstance(held, HoldEach) and n == held.every) or n == view.given.per_epoch:
        name, words = UPDATES, "once an update, where once an epoch was meant"
        cost = 6 + np.log2(n) / 2
    elif n == view.given.accumulation != view.given.world_size:
        name, words = ACCUMULATION, f"once a micro-batch, {n} times an update"
    yield Explanation(
        name,
        f"the schedule was advanced {words}{further}",
        {"times": n},
        cost,
        view.logged(lambda k: curve(n, k)),
        _range(found),
        lambda k: curve(n, k),
    )


def _faster(view: View, counts: Any) -> tuple[Callable[[Any, Any], Any], str, Any]:
    """Return a curve by its pace and the update, what more is to be said, and the paces that fit.

    An update uses the rate that its first micro-batch or its last one comes to.
    """
    for over, further in ((view.meant, ""), (view.meant.bounced, ", and rises again past its end")):
        for last in (0, 1):

            def curve(n: Any, k: Any, over: Any = over, last: int = last) -> Any:
                return over(n * k + (n - 1) * last)

            found = view.search(curve, counts)
            if len(found):
                return curve, further, found
    return curve, "", counts[:0]


def odd(view: View, n: int) -> float:
    """Return what a count costs that is no usual one of processes or micro-batches."""
    told = n in (view.given.world_size, view.given.accumulation)
    return 0.0 if told or n & (n - 1) == 0 else 3.0


def _by_update(view: View) -> Iterator[Explanation]:
    """Yield a schedule of epochs that is advanced each update, as the rows of epochs show it."""
    if view.reading.clock != "epoch" or view.reading.per_epoch:
        return
    lengths = np.arange(2, MOST_UPDATES)
    for off in (0, 1):

        def curve(n: Any, k: Any, off: int = off) -> Any:
            return view.meant(n * (k + 1) - off)

        found = view.search(curve, lengths)
        if len(found):
            n = _preferred(view, found)
            yield Explanation(
                UPDATES,
                f"the schedule was advanced once an update, {n:,} times an epoch, where once an "
                "epoch was meant",
                {"times": n},
                8 + np.log2(n) / 2,
                curve(n, view.updates),
                _range(found),
            )
            return


def _slow(view: View) -> Iterator[Explanation]:
    found = view.search(lambda n, k: view.meant(k / n), _counts(view))
    if len(found):
        n = _preferred(view, found)
        yield Explanation(
            ACCUMULATION,
            f"the schedule is {n} times as long as its updates: its steps were counted in "
            f"micro-batches, and not divided by an accumulation of {n}",
            {"times": n},
            6.5 + np.log2(n) + odd(view, n),
            view.logged(partial(_slower, view, n)),
            _range(found),
            partial(_slower, view, n),
        )
    top = int(min(max(view.updates.max(initial=2), 2) + 1, 50_000))
    lengths = np.arange(2, max(top, view.given.per_epoch or 2) + 1)
    if len(np.unique(view.rows.rates)) < 2 and not view.given.per_epoch:
        return
    found = view.search(lambda n, k: view.meant(np.floor(k / n)), lengths)
    if len(found):
        n = _preferred(view, found, (view.given.per_epoch,))
        yield Explanation(
            EPOCHS,
            f"the schedule was advanced once an epoch, of {n:,} updates, where once an update was "
            "meant",
            {"per_epoch": n},
            6 + np.log2(n) / 2 + (0 if n == view.given.per_epoch else 4),
            view.logged(lambda k: view.meant(np.floor(k / n))),
            _range(found),
            lambda k: view.meant(np.floor(k / n)),
        )


def _slower(view: View, n: int, k: Any) -> Any:
    return view.meant(k / n)


def _warm_up_not_multiplied(view: View) -> Iterator[Explanation]:
    """Yield a schedule whose length was multiplied by the processes, and its warm-up was not."""
    warm, end = view.meant.warmed, view.meant.end
    if not 0 < warm < end:
        return

    def curve(n: Any, k: Any) -> Any:
        t = n * k
        rest = warm + (t - warm) * (end - warm) / (n * end - warm)
        return view.meant(np.where(t < warm, t, rest))

    found = view.search(curve, _counts(view))
    if len(found):
        n = _preferred(view, found)
        yield Explanation(
            PROCESSES,
            f"the schedule was advanced {n} times an update, which its length was multiplied for, "
            f"but not its warm-up of {warm:,}",
            {"times": n, "warmup": warm},
            9 + np.log2(n),
            view.logged(lambda k: curve(np.array(n), k)),
            _range(found),
            lambda k: curve(np.array(n), k),
        )


def _preferred(view: View, found: Any, named: tuple[int | None, ...] = ()) -> int:
    """Return a count that the user has named, or the smallest."""
    given = view.given
    named = named or (given.world_size, given.accumulation, given.per_epoch)
    return next((n for n in named if n and n in found), int(found[0]))


def _range(found: Any) -> tuple[str, ...]:
    if len(found) < 2:
        return ()
    return (f"by how many: {found.min():,} to {found.max():,} fit as well",)
