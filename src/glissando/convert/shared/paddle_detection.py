"""PaddleDetection: its `LearningRate`, a list of what falls and of what warms up."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.keys import Keys
from glissando.dialects import paddle
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear, Polynomial
from glissando.schedule import Schedule

FALL = {"name": "PiecewiseDecay", "gamma": [0.1, 0.01], "milestones": [8, 11]}
RISE = {"name": "LinearWarmup"}
"""The schedulers where the file names none."""

COSINE = (("max_epochs", 1000), ("last_plateau_epochs", 0))


def rate_of(part: Keys, epoch: int) -> Schedule:
    """Return the rate: the first scheduler falls, the second one is the warm-up."""
    rate, found = part.number("base_lr", 0.01), _schedulers(part)
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
    if length < 1:  # nothing is left of the cosine
        return rise >> Constant(floor if end > warmup else rate)
    # the rates are kept in a table, whose last one then holds
    return (rise >> Cosine(rate, floor, length) >> Constant(floor)).take(end - 1)


def _schedulers(part: Keys) -> list[tuple[str, Keys]]:
    """Return the schedulers with their names, which are tags or the key `name`."""
    listed: Any = part.get("schedulers")
    found = []
    for i, one in enumerate(listed if isinstance(listed, list) else [FALL, RISE]):
        name, arguments = "", one
        if isinstance(one, Mapping):
            tag = one.get("!tag")
            name = str(tag or one.get("name") or "").removeprefix("!")
            arguments = one.get("value") if tag else one
        if not name:
            raise ScheduleError(f"paddle: `schedulers[{i}]` must have a name, got {shown(one)}")
        own = arguments if isinstance(arguments, Mapping) else {}
        found.append((name, Keys("paddle", own, f"schedulers[{i}].")))
    if not found:
        raise part.refuse("schedulers", "it must have the schedulers")
    return found


def _rise(name: str, part: Keys, rate: float, epoch: int) -> tuple[int, Schedule]:
    """Return the length of the warm-up and the warm-up."""
    epochs = part.optional_whole("epochs")
    if not part.flag("epochs_first", True):
        epochs = None
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
    if len(gammas) < len(milestones):
        raise part.refuse("gamma", f"there must be one for each of {len(milestones)} milestones")
    if not milestones:
        return Constant(rate * gammas[-1] if gammas else rate)
    return paddle.PiecewiseDecay(
        [epoch * step for step in milestones], [rate, *(rate * factor for factor in gammas)]
    )
