"""PaddleDetection and PaddleOCR: their YAML files, whose tags are data."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.bases import with_bases
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects import paddle
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear, Piecewise, Polynomial
from glissando.schedule import Schedule


def _knows(document: Document) -> float:
    data = document.data
    if isinstance(data.get("LearningRate"), Mapping):
        return 0.9
    if isinstance(data.get("_BASE_"), list):
        return 0.5
    optimizer = data.get("Optimizer")
    return 0.9 if isinstance(optimizer, Mapping) and "lr" in optimizer and "Global" in data else 0.0


@reader("paddle", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; its schedulers step after every one."""
    given.need("paddle", "steps_per_epoch")
    keys = Keys("paddle", with_bases("paddle", document, "_BASE_"))
    epoch = int(given.steps_per_epoch or 0)
    if keys.get("LearningRate") is not None:
        return _detection(keys.section("LearningRate"), epoch)
    part = keys.within("Optimizer", "lr")
    return _ocr(part, epoch, keys.section("Global"))


def _schedulers(part: Keys) -> list[tuple[str, Keys]]:
    """Return the schedulers with their names, which are tags or the key `name`."""
    listed: Any = part.get("schedulers")
    found = []
    for i, one in enumerate(listed if isinstance(listed, list) else []):
        name, arguments = "", one
        if isinstance(one, Mapping):
            tag = one.get("!tag")
            name = str(tag or one.get("name") or "").removeprefix("!")
            arguments = one.get("value") if tag else one
        if not name:
            raise ScheduleError(f"paddle: `schedulers[{i}]` must have a name, got {shown(one)}")
        own = arguments if isinstance(arguments, Mapping) else {}
        found.append((name, Keys("paddle", own, f"schedulers[{i}].")))
    return found


def _detection(part: Keys, epoch: int) -> Schedule:
    """Return PaddleDetection's rate: the first scheduler falls, the second one is the warm-up."""
    rate, found = part.number("base_lr", 0.01), _schedulers(part)
    if not found:
        raise part.refuse("schedulers", "it must have the schedulers")
    name, fall = found[0]
    warmup = 0
    rise: Schedule = Constant(rate, 0)
    if fall.flag("use_warmup", True):
        if len(found) != 2:
            raise part.refuse("schedulers", "a warm-up must follow, or `use_warmup` be false")
        warmup, rise = _rise(*found[1], rate, epoch)
    if name == "PiecewiseDecay":
        return rise >> later(_stairs(fall, rate, epoch), warmup)
    if name != "CosineDecay":
        raise ScheduleError(f"paddle: {name} is not read; PiecewiseDecay and CosineDecay are")
    end, plateau = (fall.whole(key, n) * epoch for key, n in COSINE)
    floor = rate * fall.number("min_lr_ratio", 0.0)
    if not warmup and not plateau:
        return paddle.CosineAnnealingDecay(rate, end, floor)
    length = end - warmup - plateau
    if length < 1:
        raise fall.refuse("max_epochs", "the cosine must be longer than the warm-up")
    # the rates are kept in a table, whose last one then holds
    return (rise >> Cosine(rate, floor, length) >> Constant(floor)).take(end - 1)


COSINE = (("max_epochs", 1000), ("last_plateau_epochs", 0))


def _rise(name: str, part: Keys, rate: float, epoch: int) -> tuple[int, Schedule]:
    """Return the length of the warm-up and the warm-up."""
    epochs = part.optional_whole("epochs")
    if name == "LinearWarmup":
        steps = part.whole("steps", 500) if epochs is None else epochs * epoch
        steps = max(1, steps)
        return steps, Linear(rate * part.number("start_factor", 1 / 3), rate, steps)
    if name == "ExpWarmup":
        steps = part.whole("steps", 1000) if epochs is None else epochs * epoch
        steps = max(1, steps)
        return steps, Polynomial(rate, 0.0, steps, part.number("power", 2.0)).reverse()
    raise ScheduleError(
        f"paddle: {name} is no warm-up that is read; LinearWarmup and ExpWarmup are"
    )


def _stairs(part: Keys, rate: float, epoch: int) -> Schedule:
    """Return a rate that falls at milestones; one `gamma` is a tenth of itself at each more."""
    milestones = part.steps("milestones") if part.get("milestones") is not None else [8, 11]
    if part.get("values") is not None:
        raise part.refuse("values", "say the falls by `gamma`")
    gamma = part.get("gamma")
    if gamma is None:
        gammas = [0.1, 0.01]
    elif isinstance(gamma, list):
        gammas = part.numbers("gamma")
    else:
        gammas = [part.number("gamma") / 10**i for i in range(len(milestones))]
    if len(gammas) != len(milestones):
        raise part.refuse("gamma", f"there must be one for each of {len(milestones)} milestones")
    return Piecewise([rate, *(rate * g for g in gammas)], [epoch * m for m in milestones])


def _ocr(part: Keys, epoch: int, run: Keys) -> Schedule:
    """Return PaddleOCR's rate; a warm-up is put in front of what falls, which begins after it."""
    name = part.text("name", "Const")
    end = run.whole("epoch_num") * epoch
    top = part.number("learning_rate") if name != "Piecewise" else part.numbers("values")[0]
    fall: Schedule
    if name == "Const":
        fall = Constant(top)
    elif name == "Cosine":
        fall = paddle.CosineAnnealingDecay(top, end)
    elif name == "Linear":
        power = part.number("power", 1.0)
        fall = paddle.PolynomialDecay(top, end, part.number("end_lr", 0.0), power)
    elif name == "Step":
        fall = paddle.StepDecay(top, part.whole("step_size") * epoch, part.number("gamma"))
    elif name == "Piecewise":
        boundaries = [step * epoch for step in part.steps("decay_epochs")]
        fall = paddle.PiecewiseDecay(boundaries, part.numbers("values"))
    elif name == "MultiStepDecay":
        milestones = [step * epoch for step in part.steps("milestones")]
        fall = paddle.MultiStepDecay(top, milestones, part.number("gamma"))
    elif name == "DecayLearningRate":  # it takes no warm-up, and leaves out `end_lr`
        return paddle.PolynomialDecay(top, end, 0.0, part.number("factor", 0.9))
    else:
        raise part.refuse("name", "it is none of PaddleOCR's schedulers that are read")
    warmup = round(part.number("warmup_epoch", 0.0) * epoch)
    return paddle.LinearWarmup(fall, warmup, 0.0, top) if warmup else fall
