"""detectron2: the `SOLVER` of its YAML files."""

import ast
from collections.abc import Callable, Mapping
from functools import partial

from glissando.combinators import Strict
from glissando.convert.bases import with_bases
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects import fvcore
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear, Polynomial
from glissando.schedule import Schedule

Factors = Callable[..., Schedule]

LONGEST = 10_000
"""How many characters the text of a tuple may have."""


def _knows(document: Document) -> float:
    solver = document.data.get("SOLVER")
    if isinstance(solver, Mapping):
        return 0.9 if "BASE_LR" in solver or "_BASE_" in document.data else 0.6
    based = document.data.get("_BASE_")  # of PaddleDetection it is a list
    return 0.5 if isinstance(based, str) or (based and "MODEL" in document.data) else 0.0


@reader("detectron2", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; past the last one detectron2 raises, and so does this."""
    whole = with_bases("detectron2", document, "_BASE_")
    solver = Keys("detectron2", whole).section("SOLVER")
    steps, warmup = solver.whole("MAX_ITER", 40_000), solver.whole("WARMUP_ITERS", 1000)
    rate, milestones = solver.number("BASE_LR", 0.001), _tuple(solver, "STEPS", [30_000])
    scale = _scale(solver, given)
    if scale != 1:
        rate, steps, warmup = rate * scale, round(steps / scale), round(warmup / scale)
        milestones = [round(step / scale) for step in milestones]
    if solver.get("LR_SCHEDULER_NAME") == "WarmupPolyLR":
        return _polynomial(solver, steps, warmup) * rate
    decay, warmup = _decay(solver, rate, steps, milestones), min(warmup, steps)
    return (decay(steps=steps) if warmup == 0 else _warmed(solver, decay, steps, warmup)) * rate


def _tuple(solver: Keys, name: str, default: list[int]) -> list[int]:
    """Return a tuple of whole numbers, which YAML has as text."""
    value = solver.get(name)
    if value is None:
        return default
    if isinstance(value, str) and len(value) <= LONGEST:
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            raise ScheduleError(
                f"{solver.where(name)} must be a tuple of steps, got {shown(value)}"
            ) from None
    return Keys("detectron2", {name: value}, solver.path).steps(name)


def _scale(solver: Keys, given: Given) -> float:
    """Return by how many times more processes train than the configuration is made for."""
    reference = solver.whole("REFERENCE_WORLD_SIZE", 0)
    if not reference:
        return 1.0
    given.need("detectron2", "world_size")
    return int(given.world_size or 0) / reference


def _decay(solver: Keys, rate: float, steps: int, milestones: list[int]) -> Factors:
    """Return what follows the warm-up as a factor, for a number of updates that it takes."""
    name, gamma = solver.text("LR_SCHEDULER_NAME", "WarmupMultiStepLR"), solver.number("GAMMA", 0.1)
    if name == "WarmupMultiStepLR":
        within = [step for step in milestones if step <= steps]
        values = [gamma**k for k in range(len(within) + 1)]
        return partial(fvcore.MultiStepParamScheduler, values, steps, within)
    if name == "WarmupCosineLR":
        return partial(fvcore.CosineParamScheduler, 1.0, solver.number("BASE_LR_END", 0.0) / rate)
    if name == "WarmupStepWithFixedGammaLR":
        falls = solver.whole("NUM_DECAYS", 3)
        return partial(fvcore.StepWithFixedGammaParamScheduler, 1.0, falls, gamma, steps)
    raise solver.refuse(
        "LR_SCHEDULER_NAME", "it is none of detectron2's own, nor DeepLab's WarmupPolyLR"
    )


def _polynomial(solver: Keys, steps: int, warmup: int) -> Schedule:
    """Return the factors of DeepLab's scheduler, whose warm-up multiplies what falls already."""
    whole = Polynomial(1.0, 0.0, steps, solver.number("POLY_LR_POWER", 0.9))
    least = solver.number("POLY_LR_CONSTANT_ENDING", 0.0)
    fall = whole.clip(floor=least) if least else whole
    if not warmup:
        return fall.strict()
    first, method = solver.number("WARMUP_FACTOR", 0.001), _method(solver)
    rise = Constant(first, warmup) if method == "constant" else Linear(first, 1.0, warmup)
    if warmup >= steps:
        return (rise.take(steps) * whole).strict()
    return ((rise * whole).take(warmup) >> fall.drop(warmup)).strict()


def _method(solver: Keys) -> str:
    method = solver.text("WARMUP_METHOD", "linear")
    if method not in ("linear", "constant"):
        raise solver.refuse("WARMUP_METHOD", "it must be linear or constant")
    return method


def _warmed(solver: Keys, decay: Factors, steps: int, warmup: int) -> Schedule:
    """Return the warm-up, which aims at the factor that comes after it, and the rest."""
    whole, rescaled = decay(steps=steps), solver.flag("RESCALE_INTERVAL")
    first = solver.number("WARMUP_FACTOR", 0.001) * whole(0)
    method = _method(solver)
    aim = first if method == "constant" else whole(0 if rescaled else warmup)
    rise = Constant(first, warmup) if aim == first else Linear(first, aim, warmup)
    if warmup == steps:
        return rise.strict()
    rest = decay(steps=steps - warmup) if rescaled else whole
    strict = isinstance(rest, Strict)
    rest = rest.schedule if isinstance(rest, Strict) else rest
    both = rise >> (rest if rescaled else rest.drop(warmup))
    return both.strict() if strict else both
