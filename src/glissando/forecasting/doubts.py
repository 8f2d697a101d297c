"""What is wrong with runs as pilots."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from glissando.forecasting.faults import Fault, fault_of
from glissando.forecasting.fit import peak_of, warmed_up
from glissando.forecasting.points import noise_of, points_of, rates_until, rises_again
from glissando.logs.curve import Curve

SAME = 0.03
"""Losses of one model under the same rates differ by less than this fraction."""

KNOWN = 0.02
"""To this fraction a run's last losses must be known: good schedules differ by one or two %."""


class Findings(NamedTuple):
    """What is wrong with runs as pilots.

    Attributes:
        refusals: why no forecast can be made of them; empty if one can.
        doubts: what makes a forecast less sure, and which runs are left out.
        usable: the runs that are left.
    """

    refusals: tuple[str, ...]
    doubts: tuple[str, ...]
    usable: list[Curve]


def examine(curves: Sequence[Curve]) -> Findings:
    """Return what is wrong with runs as pilots, in sentences.

    A run that diverged or was restarted, or whose losses are too few, is left out; no forecast is
    made if none is left. None is made, either, if a validation loss rises although the rate does
    not, if a loss never falls, or if the runs are not of one model, batch size and kind of loss.

    Args:
        curves: the runs, one or more.

    Example:
        >>> import math
        >>> from glissando import Constant
        >>> run = Curve(Constant(0.1), steps=[100, 200], losses=[2.5, math.nan])
        >>> print(*examine([run]).refusals)
        run 1 diverged: its loss at step 200 is infinite or no number; train at a rate below 0.1
    """
    names = [curve.name or f"run {i}" for i, curve in enumerate(curves, start=1)]
    refusals = [*_mixed(curves, names)]
    doubts: list[str] = []
    left_out: list[str] = []
    usable: list[tuple[str, Curve]] = []
    for name, curve in zip(names, curves, strict=True):
        fault = fault_of(curve)
        words = fault and f"{name} {_with_advice(fault, curve)}"
        if fault is None or words is None:
            usable.append((name, curve))
        elif fault.kind == "floor":
            usable.append((name, curve))
            doubts.append(words)
        elif fault.kind == "flat" or (fault.kind == "rises" and curve.kind == "validation"):
            refusals.append(words)
        else:
            left_out.append(words)
    if usable:
        doubts += [f"{words}; it is left out" for words in left_out]
        refusals += _different(usable)
        doubts += _hidden([curve for _, curve in usable])
        doubts += [words for name, curve in usable for words in _weak(name, curve)]
    else:
        refusals += left_out
    return Findings(tuple(refusals), tuple(doubts), [curve for _, curve in usable])


def _with_advice(fault: Fault, curve: Curve) -> str:
    advice = {
        "few": "log its loss more often",
        "diverged": f"train at a rate below {peak_of(curve):.4g}",
        "restarted": "it looks restarted from an older state; give the run as it was without that",
        "flat": "labels or data may be wrong, or the rate too low",
        "floor": "it does not show what more steps bring",
        "rises": "it repeats its data too often; no law says what overfitting costs"
        if curve.kind == "validation"
        else f"it is unstable; train at a rate below {peak_of(curve):.4g}",
    }
    return f"{fault.words}; {advice[fault.kind]}"


def _mixed(curves: Sequence[Curve], names: Sequence[str]) -> Iterator[str]:
    for field, words, unit in (("kind", "losses", ""), ("batch", "batch sizes", " an update")):
        found: dict[object, str] = {}
        for curve, name in zip(curves, names, strict=True):
            value = getattr(curve, field)
            if value is not None:
                found.setdefault(value, name)
        if len(found) > 1:
            (one, a), (other, b), *_ = found.items()
            one, other = (f"{v:,.10g}" if isinstance(v, float) else v for v in (one, other))
            yield (
                f"the runs are of different {words}, {one}{unit} in {a} and {other} in {b}: "
                "give runs of one kind"
            )


def _different(curves: Sequence[tuple[str, Curve]]) -> Iterator[str]:
    """Say which runs have the same rates, and yet losses far apart."""
    for (a, one), (b, other) in combinations(curves, 2):
        step = _together(one, other)
        begin = max(0.4 * step, 1.5 * warmed_up(one), other.steps[0])
        steps = np.array([s for s in one.steps if begin <= s <= step], float)
        if len(steps) < 3:
            continue
        mine = np.interp(steps, one.steps, one.losses)
        theirs = np.interp(steps, other.steps, other.losses)
        apart = float(np.median(theirs - mine))
        noise = np.hypot(noise_of(steps, mine), noise_of(steps, theirs)) / np.sqrt(len(steps))
        if abs(apart) > max(SAME * float(np.median(np.abs(mine))), 4 * noise):
            yield (
                f"{a} and {b} have the same rates up to step {step:,}, yet their losses differ by "
                f"{abs(apart):.3g} there: they are not of one model, data and batch size"
            )


def _together(one: Curve, other: Curve) -> int:
    """Return up to which step two runs have the same rates and both have losses."""
    end = min(one.steps[-1], other.steps[-1])
    grid, rates = rates_until(one.schedule, end)
    theirs = np.asarray(other.schedule(grid), float)
    apart = np.flatnonzero(np.abs(rates - theirs) > 0.01 * max(rates.max(), theirs.max()))
    return int(grid[apart[0]]) if len(apart) else end


def _hidden(curves: Sequence[Curve]) -> Iterator[str]:
    """Say that no run shows what a cooldown does."""
    stable = falls = False
    for curve in curves:
        _, rates = rates_until(curve.schedule, curve.steps[-1])
        stable |= bool(np.mean(rates >= 0.99 * rates.max()) >= 0.1)
        late = np.asarray(curve.schedule(np.maximum(np.array(curve.steps[-2:]) - 1, 0)), float)
        falls |= bool(late.max() < 0.9 * rates.max())
    if not falls:
        yield (
            "no pilot shows a cooldown: how much a falling rate gains is only a guess; add a run "
            "that cools down, gl.pilots(...) says which"
        )
    elif not stable:
        yield (
            "no pilot shows a cooldown after a constant rate: what steps bring is not parted from "
            "what the falling rate brings; add such a run, gl.pilots(...) says which"
        )


def _weak(name: str, curve: Curve) -> Iterator[str]:
    """Say what makes a usable run a weak pilot."""
    last, epoch = curve.steps[-1], curve.steps_per_epoch
    if epoch and last > 1.05 * epoch:
        yield (
            f"{name} passes {last / epoch:.3g} times over its data: laws hold for the first pass, "
            "and later the loss on new data may rise"
        )
    grid, rates = rates_until(curve.schedule, last)
    warm = warmed_up(curve)
    if warm > 0.5 * last:
        yield f"{name} warms up for {warm:,} of its {last:,} steps: little is left to be fitted"
    again = rises_again(rates)
    if again is not None:
        yield (
            f"the rate of {name} rises again at step {grid[again]:,}: laws know little of what a "
            "rise costs"
        )
    points = points_of(curve)
    losses = points.losses[-(len(points.losses) // 2) :]
    if len(losses) < 6:
        return
    noise = 1.4826 * float(np.median(np.abs(np.diff(losses)))) / np.sqrt(2)
    unsure = noise * np.sqrt(2 / len(losses))
    level = abs(float(np.median(losses)))
    if unsure > KNOWN * level:
        yield (
            f"the last losses of {name} are known to {unsure / level:.1%} only, and good schedules "
            "differ by one or two: take the loss of more data, or several seeds"
        )
