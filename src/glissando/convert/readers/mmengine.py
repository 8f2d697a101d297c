"""mmengine, mmdet 3 and their like: `param_scheduler` of their Python files, read as data.

The `lr_config` of mmcv 1 and mmdet 2 is read, too.

Its schedulers step after every iteration or epoch, whether or not an iteration is an update. Each
multiplies the rate that it finds, or draws it towards `eta_min`; what begins later finds what those
before it have left.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from glissando.convert.bases import with_bases
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.pace import last_of
from glissando.convert.parsing import python
from glissando.convert.registry import reader
from glissando.convert.shared import mmcv, mmyolo
from glissando.dialects import mmengine
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Polynomial
from glissando.schedule import Schedule

BESIDE_ARGUMENTS = (
    "type",
    "param_name",
    "verbose",
    "_scope_",
    "convert_to_iter_based",
    "begin",
    "end",
)
"""The keys of a scheduler that are not arguments of its own."""

ALONE = ("CosineRestartLR", "OneCycleLR")
"""Those that know their rates themselves, whatever they find."""

TIMES = ("step_size", "T_max", "total_steps")
"""The arguments that are numbers of epochs, where the scheduler counts epochs."""

QUOTED = re.compile(r"(['\"]?)\{\{ ?(_base_(?:\.\w{1,100}|\[\d{1,9}\]){1,20}) ?\}\}\1")
"""A value of a base, as files have it beside `_base_.max_epochs`."""

CLASS = re.compile(r"[A-Za-z_][\w.]{0,200}")
"""What newer files have as a type: a class by its name."""

BESIDE = ("train_cfg", "optim_wrapper", "param_scheduler", "default_hooks", "train_dataloader")


def _knows(document: Document) -> float:
    names = sum(name in document.data for name in BESIDE)
    if "param_scheduler" in document.data or "optim_wrapper" in document.data:
        return min(0.9, 0.6 + 0.1 * names)
    if "lr_config" in document.data:
        return 0.9
    return 0.5 if "_base_" in document.data else 0.0


def _quadratic(begin: int = 0, end: int = 0, by_epoch: bool = True, *, lr: float) -> Schedule:
    """Mmdet's warm-up: a square, of which the first step has one part already."""
    del by_epoch
    steps = end - begin
    return Constant(lr, begin) >> Polynomial(lr, 0.0, steps, 2.0).reverse().drop(1)


KNOWN: dict[str, Callable[..., Schedule]] = {
    name: function for name, function in vars(mmengine).items() if name.endswith("LR")
} | {"PolyLRRatio": mmengine.PolyLR, "QuadraticWarmupLR": _quadratic}
"""The schedulers of the rate by their names."""


class Run(NamedTuple):
    """What the runner knows: its epochs and its iterations, where they are known.

    Attributes:
        epochs: of the run.
        iterations: of the run.
        epoch: the iterations of an epoch.
        endless: whether an epoch ends with the run, as where the loop counts iterations.
    """

    epochs: int | None
    iterations: int | None
    epoch: int | None
    endless: bool

    def updates(self, epochs: float) -> int:
        """Return epochs, or a fraction of one, as iterations, cut to whole ones."""
        if self.epoch is None:
            Given().need("mmengine", "steps_per_epoch")
        return int(epochs * int(self.epoch or 0))


class Part(NamedTuple):
    """A scheduler: its window in iterations, its curve for a rate, and whether it has a floor."""

    name: str
    begin: int
    end: float
    moving: "Move"
    floor: bool


class Move(NamedTuple):
    """A scheduler's curve for a rate, over iterations."""

    function: Any
    arguments: dict[str, Any]
    every: int

    def __call__(self, rate: float) -> Schedule:
        """Return the curve."""
        curve: Schedule = self.function(**self.arguments, lr=rate)
        return curve if self.every == 1 else curve.hold_each(self.every)


@reader("mmengine", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; `steps_per_epoch` counts iterations."""
    if "read_base()" in document.text:
        raise ScheduleError(
            "mmengine: what read_base() imports is not read; read the whole configuration that "
            "the run writes into its folder"
        )
    alone = ("_delete_", True)
    keys = Keys("mmengine", with_bases("mmengine", document, "_base_", alone=alone, data=_of_bases))
    if keys.get("lr_config") is not None:
        return mmcv.rate_of(keys, given)
    wrapper = keys.section("optim_wrapper")
    scale = mmcv.auto_scale(keys, given, "train_dataloader", "batch_size")
    rate = wrapper.section("optimizer").number("lr") * scale
    found, hook = keys.get("param_scheduler"), _hook(keys)
    accumulated = wrapper.count("accumulative_counts", 1)
    if hook != "ParamSchedulerHook":
        if found:
            raise keys.refuse("param_scheduler", f"beside a {hook} it is not read")
        part = keys.within("default_hooks", "param_scheduler")
        return _updates(mmyolo.rate_of(part, hook, rate, given), accumulated)
    run = _run(keys, given)
    found = [found] if isinstance(found, Mapping) else found or []
    if not isinstance(found, list | tuple):
        raise keys.refuse("param_scheduler", "it must be a list of dictionaries")
    parts = [
        _part(Keys("mmengine", one, f"param_scheduler[{i}]."), run, rate)
        for i, one in enumerate(found)
        if isinstance(one, Mapping) and _of_rate(one)
    ]
    return _updates(_together(rate, sorted(parts, key=lambda part: part.begin)), accumulated)


def _of_rate(scheduler: Mapping[str, Any]) -> bool:
    """Return whether a scheduler moves the rate, and not the momentum or the decay of weights."""
    name = str(scheduler.get("type"))
    if name.endswith("ParamScheduler"):
        return str(scheduler.get("param_name", "lr")) == "lr"
    return not name.endswith("Momentum")


def _updates(rate: Schedule, accumulated: int) -> Schedule:
    return rate if accumulated == 1 else last_of(rate, accumulated)


def _of_bases(document: Document, bases: dict[str, Any]) -> Mapping[str, Any]:
    """Return the keys of a file, which may name those of its bases, as `_base_.max_epochs`."""
    if not bases or document.path.suffix.lower() != ".py":
        return document.data
    return python.read(QUOTED.sub(r"\2", document.text), {"_base_": bases})


def _hook(keys: Keys) -> str:
    """Return the name of the hook that sets the rate."""
    hook = keys.within("default_hooks", "param_scheduler")
    name = _name(hook) if "type" in hook.data else "ParamSchedulerHook"
    if name not in (*mmyolo.HOOKS, "ParamSchedulerHook"):
        raise hook.refuse("type", "what this hook does to the rate is not read")
    return name


def _name(keys: Keys) -> str:
    """Return the last word of a type: a text, or the name of a class."""
    named = keys.data.get("type")
    if isinstance(named, Mapping) and CLASS.fullmatch(str(named.get("value"))):
        named = str(named.get("value"))
    return Keys("mmengine", {"type": named}, keys.path).text("type").rpartition(".")[2]


def _run(keys: Keys, given: Given) -> Run:
    loop = keys.section("train_cfg")
    epochs, iterations = loop.optional_whole("max_epochs"), loop.optional_whole("max_iters")
    epoch = given.steps_per_epoch
    if iterations is None and epochs is not None and epoch is not None:
        iterations = epochs * epoch
    endless = not loop.flag("by_epoch", epochs is not None or iterations is None)
    return Run(epochs, iterations, epoch, endless)


def _part(keys: Keys, run: Run, rate: float) -> Part:
    name = _name(keys)
    if name.endswith("ParamScheduler"):
        name = f"{name.removesuffix('ParamScheduler')}LR"
    name = Keys("mmengine", {"type": name}, keys.path).one_of("type", KNOWN)
    arguments = {k: keys.get(k) for k in keys.data if k not in BESIDE_ARGUMENTS}
    by_epoch = keys.flag("by_epoch", True)
    end = keys.optional("end")
    if end is None:
        end = run.epochs if by_epoch else run.iterations
        if end is None:
            Given().need("mmengine", "steps_per_epoch" if not by_epoch else "steps")
    begin, end = keys.number("begin", 0), float(end or 0)
    every = 1
    if by_epoch and keys.flag("convert_to_iter_based"):
        begin, end = run.updates(begin), run.updates(end)
        arguments |= {"by_epoch": False} | _converted(keys, run)
    elif by_epoch:
        every = int(run.iterations or 1) if run.endless else run.updates(1)
    whole = Keys("mmengine", {"begin": begin, "end": end}, keys.path)
    arguments |= {"begin": whole.whole("begin"), "end": whole.whole("end")}
    ratio = arguments.pop("eta_min_ratio", None)
    if ratio is not None:  # of the optimizer's rate, whatever others have made of it
        arguments["eta_min"] = keys.number("eta_min_ratio") * rate
    floor = bool(arguments.get("eta_min")) or name in ALONE
    moving = Move(KNOWN[name], arguments, every)
    return Part(name, int(begin) * every, int(end) * every, moving, floor)


def _converted(keys: Keys, run: Run) -> dict[str, Any]:
    """Return the arguments that mmengine turns from epochs into iterations."""
    found: dict[str, Any] = {
        name: run.updates(keys.number(name)) for name in TIMES if keys.get(name) is not None
    }
    for name in ("milestones", "periods"):
        if keys.get(name) is not None:
            found[name] = [run.updates(step) for step in keys.steps(name)]
    return found


def _together(rate: float, parts: list[Part]) -> Schedule:
    """Return what schedulers make of a rate: the product of all that they multiply it by."""
    whole: Schedule = Constant(1.0)
    for i, part in enumerate(parts):
        if not part.floor:
            whole = part.moving(1.0) if i == 0 else whole * part.moving(1.0)
            continue
        others = [other for other in parts if other is not part]
        if part.name in ALONE and others:
            raise ScheduleError(f"mmengine: {part.name} beside other schedulers is not read")
        for other in others:
            if other.begin < part.end - 1 and part.begin < other.end - 1:
                raise ScheduleError(
                    f"mmengine: {part.name} with a floor must not run while {other.name} does, "
                    f"got [{part.begin}, {part.end:g}) and [{other.begin}, {other.end:g})"
                )
        found = rate * whole(part.begin)
        if found <= 0:
            raise ScheduleError(f"mmengine: {part.name} begins at a rate of {shown(found)}")
        curve = part.moving(found)
        if not others:
            return curve
        whole = whole * (curve / found)
    return whole * rate
