"""SpeechBrain: its hyperpyyaml files. A tag such as `!new:` is data: nothing is built of it.

The first update has the optimizer's own rate, since the scheduler is asked after it; a scheduler of
epochs, after the first of these.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from operator import mul
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.parsing import python
from glissando.convert.registry import reader
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError
from glissando.families import Constant, Geometric, InverseSqrt, InverseTime, Linear, Piecewise
from glissando.schedule import Schedule

REFERENCE = re.compile(r"<([A-Za-z_]\w{0,100})>")
LONGEST = 500
"""How long arithmetic of references may be."""
SCHEDULERS = "speechbrain.nnet.schedulers."


def _tagged(data: Mapping[str, Any], word: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the names, the classes and the arguments of what is made from a class with a word."""
    for name, value in data.items():
        tag = value.get("!tag") if isinstance(value, Mapping) else None
        if isinstance(tag, str) and re.match(r"!(new|name):", tag) and word in tag:
            arguments = value.get("value")
            yield name, tag.partition(":")[2], arguments if isinstance(arguments, Mapping) else {}


def _knows(document: Document) -> float:
    if any(_tagged(document.data, SCHEDULERS)):
        return 0.9
    return 0.4 if any(_tagged(document.data, "speechbrain.")) else 0.0


@reader("speechbrain", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; `group` names the scheduler, where there are several."""
    found = {
        name: (kind.rpartition(".")[2], arguments)
        for name, kind, arguments in _tagged(document.data, SCHEDULERS)
        if "Loss" not in kind
    }
    if not found:
        raise ScheduleError(
            "speechbrain: there is no scheduler in this file: its code sets the rate"
        )
    name = given.group if given.group in found or len(found) != 1 else next(iter(found))
    if name not in found:
        raise ScheduleError(
            "speechbrain: `group` must name the scheduler, one of "
            f"{', '.join(found)}, got {given.group!r}"
        )
    kind, arguments = found[str(name)]
    if kind not in CURVES:
        reason = REFUSED.get(kind, "it is none of SpeechBrain's that are known")
        raise ScheduleError(
            f"speechbrain: {kind} is not read, since {reason}; read are {', '.join(CURVES)}"
        )
    whole = {k: _resolved(v, document.data) for k, v in arguments.items()}
    part = Keys("speechbrain", whole, f"{name}.")
    own = _own_rate(document.data, [part.get(key) for key in RATES])
    if kind == "LinearScheduler":
        given.need("speechbrain", "steps_per_epoch")
        epoch, count = int(given.steps_per_epoch or 0), part.count("epoch_count")
        line = Linear(part.number("initial_value"), part.number("final_value"), count - 1)
        return Constant(own, epoch) >> later(line, 1).hold_each(epoch)
    return Constant(own, 1) >> later(CURVES[kind](part), 1)


def _resolved(value: Any, data: Mapping[str, Any], depth: int = 8) -> Any:
    """Return what `!ref <name>` means, or arithmetic of such, where it is a value of the file."""
    if not isinstance(value, Mapping) or value.get("!tag") != "!ref":
        return value
    text = str(value.get("value")).strip()
    names = REFERENCE.findall(text)
    if names and depth and len(text) <= LONGEST and all(name in data for name in names):
        values = {name: _resolved(data[name], data, depth - 1) for name in names}
        if text == f"<{names[0]}>":
            return values[names[0]]
        if all(type(each) in (int, float) for each in values.values()):
            number = _computed(REFERENCE.sub(lambda found: f"({values[found[1]]!r})", text))
            if number is not None:
                return number
    raise ScheduleError(f"speechbrain: `!ref {text}` must be a value of this file: write it there")


def _computed(text: str) -> float | None:
    """Return what arithmetic gives."""
    try:
        found = python.read(f"value = {text}").get("value")
    except ValueError:
        return None
    return found if isinstance(found, int | float) else None


def _own_rate(data: Mapping[str, Any], peaks: list[Any]) -> float:
    """Return the rate that the optimizer is made with; of several, the scheduler has one, too."""
    rates = {
        Keys("speechbrain", {"lr": _resolved(arguments["lr"], data)}, f"{name}.").number("lr")
        for name, _, arguments in _tagged(data, "optim.")
        if "lr" in arguments
    }
    rates = rates if len(rates) == 1 else rates & {p for p in peaks if isinstance(p, int | float)}
    if len(rates) != 1:
        raise ScheduleError(
            "speechbrain: the optimizer's `lr`, which the first update has, must be there once, or "
            f"be the scheduler's, got {len(rates)}"
        )
    return rates.pop()


def _noam(part: Keys) -> Schedule:
    warmup, size = part.whole("n_warmup_steps"), part.optional("model_size")
    peak = part.number("lr_initial")
    if size is not None:
        peak /= math.sqrt(size * warmup)
    return Linear(0.0, peak, warmup) >> InverseSqrt(peak, warmup)


def _intervals(part: Keys) -> Schedule:
    """Return the factors that follow the steps of annealing, each from the step after."""
    steps, rates = part.steps("anneal_steps"), part.numbers("anneal_rates")
    if len(steps) != len(rates) or not steps:
        raise part.refuse("anneal_rates", f"there must be one for each of {len(steps)} steps")
    return _noam(part) * Piecewise([*accumulate([1.0, *rates], mul)], [s + 1 for s in steps])


def _kept(part: Keys) -> Schedule:
    """Return a rise, a plateau, and the inverse of the time."""
    peak, warmup = part.number("lr_initial"), part.count("n_warmup_steps")
    plateau = Constant(peak, part.whole("n_keep_steps"))
    return Linear(0.0, peak, warmup) >> plateau >> InverseTime(peak, 1.0 / warmup)


def _line(part: Keys) -> Schedule:
    peak, warmup = part.number("initial_value"), part.whole("num_warmup_steps")
    length = part.whole("num_training_steps") - warmup
    return Linear(0.0, peak, warmup) >> Linear(peak, 0.0, max(1, length))


def _exponential(part: Keys) -> Schedule:
    """Return a rise, which begins at the second update, and an exponential."""
    peak, warmup = part.number("lr"), part.whole("n_warmup_steps")
    fall = Geometric(peak, part.number("decay_factor", 0.1), part.count("total_steps") - warmup)
    return Constant(0.0, 1) >> Linear(0.0, peak, warmup) >> fall


def _stages(part: Keys) -> Schedule:
    peak, rise = part.number("lr"), part.count("warmup_steps")
    fall = Geometric(peak, part.number("final_lr_scale", 0.05), part.count("decay_steps"))
    first = peak * part.number("init_lr_scale", 0.01)
    return Linear(first, peak, rise) >> Constant(peak, part.whole("hold_steps")) >> fall


def _cooled(part: Keys) -> Schedule:
    """Return a rise, an exponential, and a line, which begins lower by what the rise took."""
    peak, rise, cooldown = part.number("lr"), part.count("warmup"), part.count("cooldown")
    ratio, every = part.number("decay_factor", 0.75), part.count("decay_every", 100_000)
    fall, begin = Geometric(peak, ratio, every), part.whole("total_steps") - cooldown
    if begin < rise:
        raise part.refuse("total_steps", "it must be longer than the warm-up and the cooldown")
    tail = later(Linear(fall(begin), 0.0, cooldown), 1)
    return Linear(0.0, peak, rise) >> fall.take(begin - rise + 1) >> tail


RATES = ("lr_initial", "lr", "initial_value")
"""What a scheduler calls its peak, which is its optimizer's rate in the recipes."""

CURVES: dict[str, Callable[[Keys], Schedule]] = {
    "NoamScheduler": _noam,
    "NoamIntervalScheduler": _intervals,
    "LinearNoamScheduler": _kept,
    "LinearWarmupScheduler": _line,
    "LinearScheduler": _line,
    "WarmAndExpDecayLRSchedule": _exponential,
    "TriStageLRSchedule": _stages,
    "WarmCoolDecayLRSchedule": _cooled,
}
"""The schedulers that are read, by the names of their classes."""

METRIC = "it follows a metric, which no file tells"
CODE = "the recipes' code asks it in ways that differ"
REFUSED = {
    "NewBobScheduler": METRIC,
    "ReduceLROnPlateau": METRIC,
    "CyclicLRScheduler": CODE,
    "StepScheduler": CODE,
    "IntervalScheduler": CODE,
}
