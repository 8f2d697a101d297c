"""The schedule runs some updates early or late, from the first update or from a later one on."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.view import Explanation, View

FARTHEST = 10_000


def explain(view: View) -> Iterator[Explanation]:
    """Yield the shift by the fewest updates, of all rows or of the later ones."""
    far = int(min(max(view.meant.end, 2), FARTHEST))
    moves = np.arange(-far, far + 1)
    moves = moves[np.argsort(np.abs(moves), kind="stable")]
    moves = moves[moves != 0]
    late = view.search(lambda move, k: view.meant(k - move), moves)
    if len(late):
        yield _shift(view, late, 0)
    elif view.first:
        late = view.search(lambda move, k: view.meant(k - move), moves, later=True)
        if len(late):
            yield _shift(view, late, view.gap[-1])


def _shift(view: View, found: Any, since: int) -> Explanation:
    move = int(found[0])
    curve = partial(_moved, view, move)
    rates = view.logged(curve)
    updates = "an update" if abs(move) == 1 else f"{abs(move):,} updates"
    sentence = f"the schedule runs {updates} {'late' if move > 0 else 'early'}"
    doubts = []
    if len(found) > 1:
        doubts.append(f"by how many: shifts from {found.min():,} to {found.max():,} fit as well")
    if since:
        sentence += f" from update {since:,} on"
    elif 0 < move <= 16:
        doubts.append(f"whether {updates} were skipped before the first row instead")
    return Explanation(
        "shifted",
        sentence,
        {"late": move, **({"since": since} if since else {})},
        6 + np.log2(1 + abs(move)) + (12 if since or _is_anew(view, move) else 0),
        view.joined(rates) if since else rates,
        tuple(doubts),
        view.from_on(since, curve) if since else curve,
    )


def _moved(view: View, move: int, k: Any) -> Any:
    return view.meant(k - move)


def _is_anew(view: View, move: int) -> bool:
    """Return whether the schedule is at its own beginning where the log begins, after a resume."""
    return view.begins_late and move in view.gap
