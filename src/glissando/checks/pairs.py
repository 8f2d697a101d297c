"""Two causes that explain all rows together: one first, and another from a later row on."""

from collections.abc import Callable

from glissando.checks.meant import Followed
from glissando.checks.view import Explanation, View

FEWEST = 10
"""How many rows each of the two must explain that were not as meant before it."""

MOST_ROWS = 20_000
"""Of how many rows two causes are looked for."""

MOST_TRIED = 3
"""How many causes of as many first rows are tried."""

MOST_COST = 28.0
"""What a cause may cost that is one of two."""

Causes = Callable[[View], list[Explanation]]


def pair(view: View, causes: Causes) -> Explanation | None:
    """Return the cause that explains the most of the first rows, with what happened then.

    Args:
        view: rows that no cause explains.
        causes: the causes that explain all rows of a view, the simplest first.
    """
    least, most = view.first + FEWEST, view.rows.size
    if least + FEWEST > most or most > MOST_ROWS:
        return None
    found = _of_first(view, least, causes)
    tried = dict(found)
    low, high = least, most
    while found and high - low > 1:
        middle = (low + high) // 2
        longer = _of_first(view, middle, causes)
        tried |= longer
        low, high, found = (middle, high, longer) if longer else (low, middle, found)
    pairs = [pair for first in tried.values() for pair in _then(view, first, most, causes)]
    return min(pairs, key=_cost, default=None)


def _cost(first: Explanation) -> float:
    assert first.then is not None  # as it is one of a pair
    return first.cost + first.then.cost


def _then(view: View, first: Explanation, most: int, causes: Causes) -> list[Explanation]:
    """Return a first cause with what explains the later rows, if one does."""
    assert first.curve is not None  # as only those are kept
    later = View(view.rows, Followed(view.meant, first.curve), view.reading, view.given)
    if not view.first + FEWEST <= later.first <= most - FEWEST:
        return []
    for then in causes(later):
        if then.cost <= MOST_COST:
            since = then.parameters.get("since", int(later.updates[later.first]))
            told = then._replace(parameters={**then.parameters, "since": since})
            return [first._replace(rates=then.rates, then=told)]
    return []


def _of_first(view: View, count: int, causes: Causes) -> dict[str, Explanation]:
    """Return the causes of known curves that explain the first rows, by their words."""
    reading = view.reading._replace(updates=view.updates[:count])
    some = View(view.rows.at(slice(0, count)), view.meant, reading, view.given)
    kept = [one for one in causes(some) if one.curve is not None and one.cost <= MOST_COST]
    return {one.sentence: one for one in kept[:MOST_TRIED]}
