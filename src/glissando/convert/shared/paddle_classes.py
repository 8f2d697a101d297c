"""PaddleOCR, PaddleClas and PaddleSeg: the classes of schedulers that their files name.

A warm-up is put in front of what falls, which begins after it. Those of PaddleClas end with the
run; those of PaddleOCR keep their length, and do not come to their end.
"""

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any, NamedTuple

from glissando.combinators import maximum
from glissando.convert.keys import Keys
from glissando.dialects import paddle
from glissando.dialects.shared.curves import later
from glissando.families import Constant, Cosine, CosineWave, Linear
from glissando.schedule import Schedule


class Run(NamedTuple):
    """How long a run is, and what a warm-up takes of it.

    Attributes:
        epochs: of the run.
        epoch: how many steps of the scheduler an epoch has.
        warmup: the epochs of the warm-up.
        shorter: whether what falls is shorter by the warm-up.
    """

    epochs: int
    epoch: int
    warmup: float
    shorter: bool

    def length(self, part: Keys) -> int:
        """Return the steps of what falls, which must be whole."""
        steps = (self.epochs - self.warmup * self.shorter) * self.epoch
        if steps != int(steps):
            raise part.refuse("warmup_epoch", f"what remains must be whole updates, got {steps:g}")
        return int(steps)


Fall = Callable[[Keys, Run], Schedule]


def _top(part: Keys) -> float:
    return part.number("learning_rate")


def _constant(part: Keys, run: Run) -> Schedule:
    return Constant(_top(part))


def _linear(part: Keys, run: Run) -> Schedule:
    length, power = run.length(part), part.number("power", 1.0)
    if not length:
        return Constant(_top(part))
    cycle = run.shorter and part.flag("cycle")
    return paddle.PolynomialDecay(_top(part), length, part.number("end_lr", 0.0), power, cycle)


def _cosine(part: Keys, run: Run) -> Schedule:
    length = run.length(part)
    floor = part.number("eta_min", 0.0) if run.shorter else 0.0  # which PaddleOCR does not take
    return (
        paddle.CosineAnnealingDecay(_top(part), length, floor) if length else Constant(_top(part))
    )


def _floored(part: Keys, run: Run) -> Schedule:
    return paddle.CosineAnnealingDecay(_top(part), run.length(part), part.number("min_lr", 1e-8))


def _step(part: Keys, run: Run) -> Schedule:
    every = int(part.number("step_size") * run.epoch)
    return paddle.StepDecay(_top(part), every, part.number("gamma"))


def _piecewise(part: Keys, run: Run) -> Schedule:
    """Return the values; PaddleClas takes a `learning_rate` as a fall every 30 epochs instead."""
    values, epochs = part.numbers("values"), part.steps("decay_epochs")
    if run.shorter and part.optional("learning_rate"):
        epochs = [*range(30, run.epochs, 30)]
        values = [_top(part) * 0.1**i for i in range(len(epochs) + 1)]
        if not epochs:
            return Constant(values[0])
    if not values or len(values) < len(epochs):
        raise part.refuse("values", f"there must be {len(epochs) + 1} for as many boundaries")
    values += [values[-1]] * (len(epochs) + 1 - len(values))  # as Paddle 2 did
    return paddle.PiecewiseDecay([step * run.epoch for step in epochs], values)


def _milestones(part: Keys, run: Run) -> Schedule:
    steps = [step * run.epoch for step in part.steps("milestones")]
    return paddle.MultiStepDecay(_top(part), steps, part.number("gamma", 0.1))


def _own_length(part: Keys, run: Run) -> Schedule:
    """Return what leaves out `end_lr`."""
    return paddle.PolynomialDecay(
        _top(part), run.epochs * run.epoch, 0.0, part.number("factor", 0.9)
    )


def _cycles(part: Keys, run: Run) -> Schedule:
    """Return cosines, whose `eta_min` is left out."""
    return Cosine(_top(part), 0.0, round(part.number("cycle") * run.epoch)).repeat()


def _two_steps(part: Keys, run: Run) -> Schedule:
    """Return a cosine to 0 in 200 epochs, and then the rest of one over all of them.

    Without a warm-up each rate is a multiple of the one before it, and it stays at 0.
    """
    top, first, whole = _top(part), 200 * run.epoch, run.epochs * run.epoch
    rest = paddle.CosineAnnealingDecay(top, whole) if run.warmup else Constant(0.0)
    return Cosine(top, 0.0, first) >> Constant(0.0, 1) >> later(rest, first + 1)


def _one_cycle(part: Keys, run: Run, floor: float | None) -> Schedule:
    """Return up and down; without a floor it is PaddleOCR's, which knows no other arguments."""
    name = "max_lr" if floor is None else "max_learning_rate"
    top, total = part.number(name), run.epochs * run.epoch
    shape: dict[str, Any] = {
        "anneal_strategy": part.text("anneal_strategy", "cos"),
        "three_phase": part.flag("three_phase"),
    }
    if floor is None:
        return paddle.OneCycleLR(top, total, 25.0, top / 25.0 / 1e4, 0.3, **shape)
    divided, share = part.number("divide_factor", 25.0), part.number("phase_pct", 0.3)
    last = part.number("end_learning_rate", floor)
    return paddle.OneCycleLR(top, total, divided, last, share, **shape)


def _triangles(part: Keys, run: Run) -> Schedule:
    names = ("step_size_up", "step_size_down")
    up, down = part.whole(names[0]), part.optional_whole(names[1])
    ends = part.number("base_learning_rate"), part.number("max_learning_rate")
    mode, gamma = part.text("mode", "triangular"), part.number("exp_gamma", 1.0)
    return paddle.CyclicLR(*ends, up, down, mode, gamma)


def _quarter(part: Keys, run: Run) -> Schedule:
    """Return FixMatch's: a part of a cosine that would go below 0, behind its own warm-up."""
    top, warmup = _top(part), part.whole("num_warmup_steps")
    length = max(1, run.epochs * run.epoch - warmup)
    cycles = part.number("num_cycles", 7 / 16)
    wave = CosineWave(2.0 * top, 0.0, 2.0 * length / cycles) if cycles else Constant(2.0 * top)
    return Linear(0.0, top, warmup) >> (maximum(wave, top) - top)


COMMON: dict[str, Fall] = {
    "Cosine": _cosine,
    "Linear": _linear,
    "MultiStepDecay": _milestones,
    "Piecewise": _piecewise,
    "Step": _step,
}
OCR = COMMON | {
    "Const": _constant,
    "CyclicalCosine": _cycles,
    "DecayLearningRate": _own_length,
    "LinearWarmupCosine": _floored,
    "OneCycle": partial(_one_cycle, floor=None),
    "TwoStepCosine": _two_steps,
}
CLAS = COMMON | {
    "ConstLR": _constant,
    "CosineFixmatch": _quarter,
    "Cyclic": _triangles,
    "OneCycleLR": partial(_one_cycle, floor=1e-10),
}
ALONE = ("CosineFixmatch", "DecayLearningRate")
"""Those that take no warm-up."""

PEAKS = {"Cyclic": "base_learning_rate", "OneCycle": "max_lr", "OneCycleLR": "max_learning_rate"}
"""What the rate at the end of a warm-up is called, where that is no `learning_rate`."""


def of_ocr(part: Keys, epochs: int, epoch: int) -> Schedule:
    """Return PaddleOCR's rate."""
    if part.get("name") is None:
        return Constant(_top(part))
    warmup = part.number("warmup_epoch", 0.0)
    name, run = part.one_of("name", OCR), Run(epochs, epoch, warmup, False)
    steps, start = round(warmup * epoch), 0.0
    if name == "LinearWarmupCosine":
        steps, start = part.whole("warmup_steps", 5000), part.number("start_lr", 1e-5)
    whole = _warmed(part, name, OCR[name](part, run), steps, start)
    return whole if name == "DecayLearningRate" else _begun(part, whole)


def of_clas(part: Keys, epochs: int, epoch: int) -> Schedule:
    """Return PaddleClas' rate; where it moves by epochs, each has the rate of its number."""
    if part.get("name") is None:
        return Constant(_top(part))
    name, by_epoch = part.one_of("name", CLAS), part.flag("by_epoch")
    warmup = min(part.number("warmup_epoch", 0.0), float(epochs))
    run = Run(epochs, 1 if by_epoch else epoch, warmup, True)
    if name == "OneCycleLR":  # which counts updates, even if an epoch is its step
        run = run._replace(epoch=epoch)
    fall = CLAS[name](part, run)
    steps = round(warmup * (epoch if name == "Linear" or not by_epoch else 1))
    start = part.number("warmup_start_lr", 0.0)
    whole = _begun(part, _warmed(part, name, fall, steps, start))
    return whole.hold_each(epoch) if by_epoch and epoch > 1 else whole


def _warmed(part: Keys, name: str, fall: Schedule, steps: int, start: float) -> Schedule:
    """Return what falls behind its warm-up."""
    if not steps or name in ALONE:
        return fall
    peak = fall(0) if name == "Piecewise" else part.number(PEAKS.get(name, "learning_rate"))
    return paddle.LinearWarmup(fall, steps, start, peak)


def _begun(part: Keys, whole: Schedule) -> Schedule:
    """Return the rate of a scheduler that has taken a step already, as a `last_epoch` of 0 says."""
    last = part.whole("last_epoch", -1)
    if last > 0:
        raise part.refuse("last_epoch", "the schedule of a run from its beginning is read")
    return whole if last < 0 else later(whole, 1)


def of_seg(part: Keys, iterations: int) -> Schedule:
    """Return PaddleSeg's rate: one of Paddle's own classes, which counts updates."""
    known = {name: made for name, made in vars(paddle).items() if hasattr(made, "__wrapped__")}
    name = part.one_of("type", {*known} - {"LinearWarmup"})
    warmup = part.optional_whole("warmup_iters")
    takes = signature(known[name]).parameters
    arguments = {key: part.get(key) for key in part.data if key in takes}
    for key, value in arguments.items():
        if isinstance(value, str):  # as YAML has 1e-4
            arguments[key] = value if key == "mode" else part.number(key)
    if name == "PolynomialDecay":
        arguments.setdefault("decay_steps", max(1, iterations - (warmup or 0)))
    fall: Schedule = known[name](**arguments)
    if warmup is None:
        return _begun(part, fall)
    return paddle.LinearWarmup(fall, warmup, part.number("warmup_start_lr"), _top(part))
