"""Optax: its own schedules where they say it, else a function of jax.numpy."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from textwrap import indent
from typing import Any

from glissando.convert.certificate import EVERY, Draft, Rates
from glissando.convert.writers.shared.pieces import Piece, pieces
from glissando.convert.writers.shared.python_code import (
    called,
    executed,
    in_single,
    neat,
    version,
    with_import,
)
from glissando.dialects import optax as dialect
from glissando.families import (
    Constant,
    Cosine,
    CosinePower,
    Geometric,
    Linear,
    Polynomial,
    Staircase,
)
from glissando.languages.graph import JAX, MAX_INT
from glissando.languages.source import printed
from glissando.schedule import Schedule

USE = "optimizer = optax.adam(schedule)"


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as Optax's own schedules, then as a function."""
    found = pieces(schedule)
    if found[-1].is_cut:
        found.append(Piece(Constant(found[-1].end), math.inf))
    calls = [_call(piece.curve) for piece in found]
    boundaries = list(accumulate(int(piece.steps) for piece in found[:-1]))
    if all(calls) and max(boundaries, default=0) <= MAX_INT:
        texts = [f"optax.{called(*each[:1], **each[1])}" for each in calls if each]
        curves = [getattr(dialect, each[0])(**each[1]) for each in calls if each]
        if boundaries:
            inner = "".join(indent(text, " " * 8) + ",\n" for text in texts)
            made = f"optax.join_schedules(\n    [\n{inner}    ],\n    boundaries={boundaries},\n)"
            whole = dialect.join_schedules(curves, boundaries)
        else:
            (made,), (whole,) = texts, curves
        code = f"import optax\n\nschedule = {made}\n{USE}\n"
        yield Draft(
            code=code,
            native=True,
            by="the formulas of Optax's schedules",
            rates=lambda steps: [whole(step) for step in steps],
            run=_running(code),
            ran=f"{version('optax', 'Optax')} in float32",
            run_reach=MAX_INT,
            single=True,
            rounding="`alpha` is a quotient of rates" if "alpha" in made else "none",
        )
    yield _function(schedule)


def _function(schedule: Schedule) -> Draft:
    function = with_import(printed(schedule, JAX), "import optax") + "\n"
    code = f"{function}\n\nschedule = rate\n{USE}\n"
    return Draft(
        code=code,
        native=False,
        by="its operations, in float32 by NumPy",
        rates=in_single(schedule),
        run=_running(code),
        ran=f"it by {version('jax', 'JAX')} in float32",
        run_reach=MAX_INT,
        single=True,
    )


def _call(curve: Schedule) -> tuple[str, dict[str, Any]] | None:
    """Return the schedule of Optax that has a curve, with its arguments, if there is one."""
    steps = int(curve.steps) if curve.steps < math.inf else 0
    if isinstance(curve, Constant):
        return "constant_schedule", {"value": curve.value}
    if isinstance(curve, Linear):
        ends = {"init_value": curve.start, "end_value": curve.end}
        return "linear_schedule", ends | {"transition_steps": steps}
    if isinstance(curve, Polynomial):
        ends = {"init_value": curve.start, "end_value": curve.end, "power": curve.power}
        return "polynomial_schedule", ends | {"transition_steps": steps}
    if isinstance(curve, Cosine | CosinePower) and curve.start:
        given: dict[str, Any] = {"init_value": curve.start, "decay_steps": steps}
        if curve.end:
            given["alpha"] = neat(curve.end / curve.start)
        power = {"exponent": curve.power} if isinstance(curve, CosinePower) else {}
        return "cosine_decay_schedule", given | power
    if isinstance(curve, Geometric | Staircase):
        given = {"init_value": curve.start, "transition_steps": curve.every}
        given |= {"decay_rate": curve.ratio}
        stairs = {"staircase": True} if isinstance(curve, Staircase) else {}
        return "exponential_decay", given | stairs
    return None


def _running(code: str) -> Rates:
    def rates(steps: Sequence[int]) -> list[float]:
        import jax
        import jax.numpy as jnp

        schedule = jax.vmap(executed(code)["schedule"])
        found: list[float] = []
        for begin in range(0, len(steps), EVERY):
            some = jnp.asarray(steps[begin : begin + EVERY], jnp.int32)
            found.extend(float(rate) for rate in schedule(some).tolist())
        return found

    return rates
