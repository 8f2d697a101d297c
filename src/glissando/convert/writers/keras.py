"""Keras: its own schedules where they say it, else a LearningRateSchedule of keras.ops."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from glissando.convert.certificate import Draft, Rates
from glissando.convert.writers.shared.pieces import Piece, pieces
from glissando.convert.writers.shared.python_code import (
    called,
    executed,
    in_single,
    neat,
    version,
    with_import,
)
from glissando.dialects import keras as dialect
from glissando.families import (
    Constant,
    Cosine,
    Geometric,
    InverseTime,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
)
from glissando.languages.graph import Keras
from glissando.languages.source import printed
from glissando.schedule import Schedule

USE = "optimizer = keras.optimizers.Adam(schedule)"

CLASS = """class Rate(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return ops.cast(rate(ops.cast(step, "float32")), "float32")

    def get_config(self):
        return {}
"""

FEW = 1_000
"""How many updates Keras is run for before only some are: each is computed by itself."""

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as one of Keras's own, then as a class."""
    found = pieces(schedule)
    call = _call(found)
    if len(found) == 1 and isinstance(found[0].curve, Constant):
        yield _number(found[0].curve.value)
    elif call:
        name, given, named = call
        curve = getattr(dialect, name)(*given, **named)
        made = called(f"keras.optimizers.schedules.{name}", *given, **named)
        code = f"import keras\n\nschedule = {made}\n{USE}\n"
        yield Draft(
            code=code,
            native=True,
            by=f"the formula of Keras's {name}",
            rates=lambda steps: [curve(step) for step in steps],
            run=_running(code),
            ran=f"{version('keras', 'Keras')} in float32",
            run_reach=math.inf,
            run_every=FEW,
            single=True,
            rounding="`alpha` is a quotient of rates" if "Cosine" in name else "none",
        )
    yield _class(schedule)


def _number(rate: float) -> Draft:
    code = f"import keras\n\nschedule = {rate!r}\n{USE}\n"
    return Draft(
        code=code,
        native=True,
        by="itself",
        rates=lambda steps: [rate] * len(steps),
        run=_running(code),
        ran="itself",
        run_reach=math.inf,
        single=True,
    )


def _class(schedule: Schedule) -> Draft:
    function = printed(schedule, Keras)
    code = f"{with_import(function, '')}\n\n\n{CLASS}\n\nschedule = Rate()\n{USE}\n"
    return Draft(
        code=code,
        native=False,
        by="its operations, in float32 by NumPy",
        rates=in_single(schedule),
        run=_running(code),
        ran=f"it by {version('keras', 'Keras')} in float32",
        run_reach=math.inf,
        run_every=FEW,
        single=True,
        offset="update k, counted from 0 by the optimizer's iterations, has the schedule's rate at "
        "step k; steps are exact up to 16,777,216",
    )


def _call(found: list[Piece]) -> Call | None:
    """Return the schedule of Keras that these curves are, with its arguments, if there is one."""
    curves = [piece.curve for piece in found]
    if any(piece.steps != piece.curve.steps for piece in found):  # cut short
        return None
    if isinstance(curves[-1], Constant) and len(curves) > 1:  # what holds anyway
        if curves[-1].value != curves[-2].final():
            return None
        curves.pop()
    first, last = curves[0], curves[-1]
    if len(curves) == 2 and isinstance(first, Linear) and isinstance(last, Cosine):
        if first.end != last.start or not last.start:
            return None
        _, given, named = _cosine(last)
        rise = {"warmup_target": last.start, "warmup_steps": int(first.steps)}
        return "CosineDecay", (first.start, *given[1:]), named | rise
    return _single(first) if len(curves) == 1 else None


def _single(curve: Schedule) -> Call | None:
    steps = int(curve.steps) if curve.steps < math.inf else 0
    if isinstance(curve, Cosine) and curve.start:
        return _cosine(curve)
    if isinstance(curve, Linear):
        return "PolynomialDecay", (curve.start, steps), {"end_learning_rate": curve.end}
    if isinstance(curve, Polynomial):
        named = {"end_learning_rate": curve.end, "power": curve.power}
        return "PolynomialDecay", (curve.start, steps), named
    if isinstance(curve, Geometric | Staircase):
        stairs = {"staircase": True} if isinstance(curve, Staircase) else {}
        return "ExponentialDecay", (curve.start, int(curve.every), curve.ratio), stairs
    if isinstance(curve, InverseTime):
        return "InverseTimeDecay", (curve.start, 1, curve.rate), {}
    if isinstance(curve, Piecewise) and curve.boundaries:  # there the change is one step later
        boundaries = [step - 1 for step in curve.boundaries]
        return "PiecewiseConstantDecay", (boundaries, list(curve.values)), {}
    return None


def _cosine(curve: Cosine) -> Call:
    alpha = {"alpha": neat(curve.end / curve.start)} if curve.end else {}
    return "CosineDecay", (curve.start, int(curve.steps)), alpha


def _running(code: str) -> Rates:
    def rates(steps: Sequence[int]) -> list[float]:
        schedule = executed(code)["schedule"]
        if isinstance(schedule, float):
            return [schedule] * len(steps)
        return [float(schedule(step)) for step in steps]

    return rates
