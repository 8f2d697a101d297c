"""The schedule is of another length than was meant: all along, or from a resume on."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from glissando.checks.causes.pace import ACCUMULATION, odd
from glissando.checks.meant import Meant
from glissando.checks.view import Explanation, View
from glissando.combinators.chain import Chain
from glissando.combinators.take import Take

RESUMED, OTHER = "resumed on the old horizon", "another horizon"


def explain(view: View) -> Iterator[Explanation]:
    """Yield another length with which the schedule is what was logged."""
    yield from _went_on(view)
    for later in (False, True):
        if later and not view.first:
            return
        for cost, (words, curve) in enumerate(_ways(view).items()):
            found = _ends(view, curve, later)
            if not len(found):
                continue
            end = int(found[0])
            yield _of(view, found, words, later, cost, partial(curve, np.array(end)))
            break


def _went_on(view: View) -> Iterator[Explanation]:
    """Yield a part of the schedule that was to be left, and goes on instead."""
    whole = view.meant.schedule
    if not isinstance(whole, Chain) or not view.first:
        return
    for begin, part in zip(whole.starts, whole.reached, strict=True):
        if isinstance(part, Take):
            before = Meant(part.schedule, view.meant.last)
            rates = view.joined(before(view.updates - begin))
            if view.explains(rates):
                at = begin + int(part.steps)
                sentence = f"at update {at:,} the schedule before it goes on to its own end"
                yield Explanation(RESUMED, sentence, {"since": at}, 11.0, rates)
                return


def _of(view: View, found: Any, words: str, later: bool, cost: int, curve: Any) -> Explanation:
    rates = view.logged(curve)
    own, end = view.meant.end, int(found[0])
    times = end / own
    doubts = (
        ()
        if len(found) == 1
        else (f"which horizon: {found.min():,} to {found.max():,} fit as well",)
    )
    parameters: dict[str, Any] = {"end": end, "meant": own}
    if later:
        parameters["since"] = view.gap[-1]
        sentence = f"from update {view.gap[-1]:,} on it ends at {end:,}, not at {own:,}: {words}"
        rates, curve = view.joined(rates), view.from_on(view.gap[-1], curve)
        return Explanation(RESUMED, sentence, parameters, 19.0 + cost, rates, doubts, curve)
    sentence = f"the schedule ends at update {end:,}, not at {own:,}: {words}"
    told = times == view.given.accumulation or (
        view.given.accumulation is None and found.max() < 1.5 * found.min()
    )
    if times.is_integer() and told:
        sentence += f"; that is {int(times)} times as long, as by steps counted in micro-batches"
        parameters["times"] = int(times)
        price = 9.0 + cost + odd(view, int(times))
        return Explanation(ACCUMULATION, sentence, parameters, price, rates, doubts, curve)
    return Explanation(RESUMED, sentence, parameters, 13.0 + cost, rates, doubts, curve)


def _ends(view: View, curve: Any, later: bool) -> Any:
    """Return the ends that fit, those nearest to a multiple or to the meant one first."""
    coarse = view.horizons()
    found = view.search(curve, coarse, later=later)
    if not len(found) and len(coarse) < coarse[-1] - 1:
        found = view.search(curve, _refined(view, curve, coarse, later), later=later)
    own = view.meant.end
    far = [(own % end and end % own and end % 10 and 1, abs(end - own)) for end in found]
    return found[sorted(range(len(found)), key=far.__getitem__)]


def _refined(view: View, curve: Any, coarse: Any, later: bool) -> Any:
    """Return the ends near which the curve passes through a row that tells them apart."""
    inside = np.flatnonzero(view.later) if later else np.arange(view.rows.size)
    at = inside[[len(inside) * part // 20 for part in (0, 1, 4, 10, 15)]]
    near: list[Any] = []
    edges = coarse.tolist()
    for row in at:
        rates = curve(coarse[:, None], view.updates[row : row + 1][None, :])[:, 0]
        off = rates - view.rows.rates[row]
        cross = np.flatnonzero(np.diff(np.sign(off)) != 0)
        near += [np.linspace(edges[i], edges[i + 1], 2_000).round().astype(int) for i in cross[:4]]
    return np.unique(np.concatenate(near)) if near else coarse[:0]


def _ways(view: View) -> dict[str, Callable[[Any, Any], Any]]:
    """Return the ways in which a schedule is given another end."""
    meant = view.meant
    own, warm, decays = meant.end, meant.warmed, meant.decays

    def stretched(begin: int, over: Callable[[Any], Any] = meant) -> Callable[[Any, Any], Any]:
        def curve(end: Any, k: Any) -> Any:
            rest = np.maximum(end - begin, 1e-9)
            t = begin + (k - begin) * (own - begin) / rest
            return np.where(end > begin, over(np.where(k < begin, k, t)), np.nan)

        return curve

    def moved(end: Any, k: Any) -> Any:
        late = end - own
        t = np.where(k < decays + late, np.minimum(k, decays), k - late)
        return np.where(decays + late >= warm, meant(t), np.nan)

    def stopped(begin: int) -> Callable[[Any, Any], Any]:
        bare = stretched(begin)
        return lambda end, k: bare(end, np.minimum(k, end))

    ways = {"its decay is stretched": stopped(warm), "it is stretched whole": stopped(0)}
    if decays > warm:
        ways["its last decay is stretched"] = stopped(decays)
        ways["its decay begins at another update"] = moved
    ways["its decay is stretched, and rises again past its end"] = stretched(warm, meant.bounced)
    return ways
