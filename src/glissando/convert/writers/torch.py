"""PyTorch: its own schedulers where their recursion is the schedule, else LambdaLR."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from glissando.convert.certificate import EVERY, Draft
from glissando.convert.writers.shared.lambda_lr import lambda_lr, scheduler_rates
from glissando.convert.writers.shared.pieces import Piece, pieces
from glissando.convert.writers.shared.python_code import called, neat, version
from glissando.families import (
    Constant,
    Cosine,
    Exponential,
    Geometric,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
)
from glissando.schedule import Schedule

REACH = 10 * EVERY
"""Up to which update a recursion is computed."""

FOREVER = 10**9
"""For how many updates `ConstantLR` keeps its factor where nothing follows it."""

USE = "scheduler = scheduler_for(optimizer)"


class Scheduler(NamedTuple):
    """One of PyTorch's schedulers: its arguments, its first rate and its recursion."""

    name: str
    given: dict[str, Any]
    first: float
    following: Callable[[float, int], float]


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as its own schedulers, then as a function."""
    found = pieces(schedule)
    peak = max(piece.start for piece in found)
    if peak:
        if found[-1].is_cut:
            found.append(Piece(Constant(found[-1].end), math.inf))
        if isinstance(found[-1].curve, Constant):  # after its steps ConstantLR would leave it
            found[-1] = Piece(found[-1].curve, math.inf)
        schedulers = [_scheduler(piece, peak) for piece in found]
        if all(schedulers):
            milestones = list(accumulate(int(piece.steps) for piece in found[:-1]))
            yield _draft([each for each in schedulers if each], milestones, peak)
    yield lambda_lr(schedule, USE)


def _draft(schedulers: Sequence[Scheduler], milestones: list[int], peak: float) -> Draft:
    names = sorted({each.name for each in schedulers} | ({"SequentialLR"} if milestones else set()))
    calls = [f"{each.name}(optimizer, {_arguments(each.given)})" for each in schedulers]
    if milestones:
        inner = "".join(f"        {call},\n" for call in calls)
        made = f"    schedulers = [\n{inner}    ]\n"
        made += f"    return SequentialLR(optimizer, schedulers, milestones={milestones})\n"
    else:
        made = f"    return {calls[0]}\n"
    code = (
        f"from torch.optim.lr_scheduler import {', '.join(names)}\n\n\n"
        "def scheduler_for(optimizer):\n"
        '    """Return the scheduler of an optimizer: call its step() after each step() of the '
        'optimizer."""\n'
        "    for group in optimizer.param_groups:\n"
        f'        group["lr"] = group["initial_lr"] = {peak!r}\n'
        f"{made}\n\n{USE}\n"
    )
    factors = any("factor" in name for each in schedulers for name in each.given)
    return Draft(
        code=code,
        native=True,
        by="the recursion of PyTorch's schedulers",
        rates=lambda steps: _rates(schedulers, milestones, steps),
        run=lambda steps: scheduler_rates(code, steps),
        ran=f"{version('torch', 'PyTorch')}, its scheduler stepped after every update",
        reach=REACH,
        rounding="factors are quotients of rates, and each rate is computed from the one before"
        if factors
        else "each rate is computed from the one before",
    )


def _arguments(given: dict[str, Any]) -> str:
    return called("", **given)[1:-1]


def _rates(
    schedulers: Sequence[Scheduler], milestones: Sequence[int], steps: Sequence[int]
) -> list[float]:
    """Return the rates as PyTorch computes them: each from the one before."""
    ends = [*milestones, math.inf]
    found: list[float] = []
    begin = 0
    for one, end in zip(schedulers, ends, strict=True):
        rate = one.first
        for step in range(begin, int(min(end, steps[-1] + 1))):
            if step > begin:
                rate = one.following(rate, step - begin)
            found.append(rate)
        begin = len(found)
    return [found[step] for step in steps]


def _scheduler(piece: Piece, peak: float) -> Scheduler | None:
    """Return the scheduler that begins with `peak` and has the curve of a piece, if there is one.

    Only `ConstantLR` and `LinearLR` begin with a fraction of the rate that the optimizer has.
    """
    curve = piece.curve
    if isinstance(curve, Constant):
        return _constant(neat(curve.value / peak), piece.steps, peak)
    if isinstance(curve, Linear) and curve.start > 0 and curve.end <= peak:
        ends = neat(curve.start / peak), neat(curve.end / peak)
        return _linear(*ends, int(curve.steps), peak)
    if curve(0) != peak:
        return None
    if isinstance(curve, Cosine):
        return _cosine(curve.end, int(curve.steps), peak)
    if isinstance(curve, Polynomial) and curve.end == 0:
        return _polynomial(int(curve.steps), curve.power, peak)
    if isinstance(curve, Exponential):
        return _exponential(math.exp(-curve.rate), peak)
    if isinstance(curve, Geometric):
        return _exponential(curve.ratio ** (1 / curve.every), peak)
    if isinstance(curve, Staircase):
        return _stairs(curve.ratio, int(curve.every), peak)
    if isinstance(curve, Piecewise):
        return _milestones(curve, peak)
    return None


def _constant(factor: float, steps: float, peak: float) -> Scheduler:
    total = 1 if factor == 1 else FOREVER if steps == math.inf else max(1, int(steps))
    given = {"factor": factor, "total_iters": total}
    return Scheduler("ConstantLR", given, peak * factor, lambda rate, t: rate)


def _linear(first: float, last: float, steps: int, peak: float) -> Scheduler:
    def following(rate: float, t: int) -> float:
        if t > steps:
            return rate
        return rate * (1 + (last - first) / (steps * first + (t - 1) * (last - first)))

    given = {"start_factor": first, "end_factor": last, "total_iters": steps}
    return Scheduler("LinearLR", given, peak * first, following)


def _cosine(floor: float, steps: int, peak: float) -> Scheduler:
    def following(rate: float, t: int) -> float:
        if (t - 1 - steps) % (2 * steps) == 0:
            return rate + (peak - floor) * (1 - math.cos(math.pi / steps)) / 2
        now, before = (1 + math.cos(math.pi * each / steps) for each in (t, t - 1))
        return now / before * (rate - floor) + floor

    given = {"T_max": steps, "eta_min": floor}
    return Scheduler("CosineAnnealingLR", given, peak, following)


def _polynomial(steps: int, power: float, peak: float) -> Scheduler:
    def following(rate: float, t: int) -> float:
        if t > steps:
            return rate
        return float(rate * ((1 - t / steps) / (1 - (t - 1) / steps)) ** power)

    given = {"total_iters": steps, "power": power}
    return Scheduler("PolynomialLR", given, peak, following)


def _exponential(gamma: float, peak: float) -> Scheduler:
    return Scheduler("ExponentialLR", {"gamma": gamma}, peak, lambda rate, t: rate * gamma)


def _stairs(gamma: float, every: int, peak: float) -> Scheduler:
    def following(rate: float, t: int) -> float:
        return rate * gamma if t % every == 0 else rate

    return Scheduler("StepLR", {"step_size": every, "gamma": gamma}, peak, following)


def _milestones(curve: Piecewise, peak: float) -> Scheduler | None:
    """Return the scheduler of steps that are all by the same factor."""
    rates, places = list(curve.values), list(curve.boundaries)
    if len(rates) < 2 or not rates[0]:
        return None
    gamma = neat(rates[1] / rates[0])
    known = set(places)

    def following(rate: float, t: int) -> float:
        return rate * gamma if t in known else rate

    given = {"milestones": places, "gamma": gamma}
    return Scheduler("MultiStepLR", given, peak, following)
