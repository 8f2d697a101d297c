"""A schedule as the training arguments of Transformers, which many trainers take."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from glissando.combinators import Repeat
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, pieces, trapezoid
from glissando.convert.writers.shared.python_code import neat, version
from glissando.dialects import transformers as dialect
from glissando.errors import ScheduleError, shown
from glissando.families import (
    Cosine,
    CosineWave,
    InverseSqrt,
    Linear,
    Polynomial,
    Sqrt,
)
from glissando.schedule import Schedule

SHAPES = {Linear: "linear", Cosine: "cosine", Sqrt: "1-sqrt"}
"""The decays of "warmup_stable_decay"."""


class Arguments(NamedTuple):
    """Training arguments that say a schedule.

    Attributes:
        rate: `learning_rate`.
        kind: `lr_scheduler_type`.
        warmup: `warmup_steps`.
        steps: `max_steps`; None where the schedule has no end.
        kwargs: `lr_scheduler_kwargs`.
    """

    rate: float
    kind: str
    warmup: int
    steps: int | None
    kwargs: dict[str, Any]

    def curve(self) -> Schedule:
        """Return the schedule that these arguments give."""
        steps = 1 if self.steps is None else self.steps  # which the endless ones do not ask for
        return dialect.get_scheduler(self.kind, self.warmup, steps, self.kwargs, lr=self.rate)

    def settings(self) -> dict[str, Any]:
        """Return them by the names that they have in Transformers."""
        found: dict[str, Any] = {"learning_rate": self.rate, "lr_scheduler_type": self.kind}
        if self.kwargs:
            found["lr_scheduler_kwargs"] = self.kwargs
        if self.warmup:
            found["warmup_steps"] = self.warmup
        if self.steps is not None:
            found["max_steps"] = self.steps
        return found

    def run(self, steps: Sequence[int]) -> list[float]:
        """Return the rates that Transformers' own `get_scheduler` sets, update by update."""
        from torch.nn import Parameter
        from torch.optim import SGD
        from transformers import get_scheduler

        optimizer = SGD([Parameter()], lr=self.rate)
        scheduler = get_scheduler(
            self.kind, optimizer, self.warmup, self.steps or 1, dict(self.kwargs)
        )
        found = []
        for _ in range(steps[-1] + 1):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return [found[step] for step in steps]


def arguments_of(schedule: Schedule, target: str, field: str) -> Iterator[Arguments]:
    """Yield the training arguments that may say a schedule, the plainest first.

    Args:
        schedule: the schedule.
        target: for whom, for messages.
        field: what `lr_scheduler_type` is called there.

    Raises:
        ScheduleError: none can say it; the message names the setting.
    """
    found = pieces(schedule)
    last = found[-1].curve
    whole = trapezoid(schedule, target, field)
    peak, warmup = whole.peak, whole.warmup
    if peak == 0:
        raise ScheduleError(f"{target}: `learning_rate` must be above 0, got {shown(schedule)}")
    steps = int(whole.steps) if whole.steps < math.inf else None
    begins_at_0 = whole.start == 0 or not warmup
    if whole.decay is None and begins_at_0:
        kind = "constant_with_warmup" if warmup else "constant"
        yield Arguments(peak, kind, warmup, steps, {})
    if not whole.stable and not whole.rest and begins_at_0:
        if isinstance(last, InverseSqrt):
            scale = {} if last.timescale == warmup else {"timescale": last.timescale}
            yield Arguments(peak, "inverse_sqrt", warmup, steps, scale)
        elif isinstance(last, CosineWave):
            end = warmup + last.period / 2
            if end == int(end):
                yield _cosine(whole, last.end, int(end))
        elif steps is not None:
            yield from _decaying(whole, steps)
    if whole.decay is not None and type(whole.decay) in SHAPES:
        yield _stable(whole, steps)
    if not begins_at_0:
        raise ScheduleError(
            f"{target}: `warmup_steps` begin at 0, or at the floor of a 'warmup_stable_decay': "
            f"they cannot begin at {whole.start!r}; {INSTEAD}"
        )
    if whole.decay is not None:
        raise ScheduleError(
            f"{target}: `{field}` cannot say the decay {shown(whole.decay)}"
            + (f" after a plateau of {whole.stable:,.0f} updates" if whole.stable else "")
            + f"; {INSTEAD}"
        )


def _decaying(whole: Trapezoid, steps: int) -> Iterator[Arguments]:
    """Yield arguments for a decay that takes all steps after the warm-up."""
    decay, peak, warmup = whole.decay, whole.peak, whole.warmup
    if isinstance(decay, Linear) and decay.end == 0:
        yield Arguments(peak, "linear", warmup, steps, {})
    elif isinstance(decay, Linear | Polynomial):
        kwargs = {"lr_end": decay.end, "power": getattr(decay, "power", 1.0)}
        if 0 <= decay.end < peak:
            yield Arguments(peak, "polynomial", warmup, steps, kwargs)
    elif isinstance(decay, Cosine):
        yield _cosine(whole, decay.end, steps)
    elif isinstance(decay, Repeat) and isinstance(decay.schedule, Cosine):
        kwargs = {"num_cycles": int(decay.times)} if decay.times < math.inf else {}
        yield Arguments(peak, "cosine_with_restarts", warmup, steps, kwargs)


def _cosine(whole: Trapezoid, end: float, steps: int) -> Arguments:
    if end == 0:
        return Arguments(whole.peak, "cosine", whole.warmup, steps, {})
    return Arguments(whole.peak, "cosine_with_min_lr", whole.warmup, steps, {"min_lr": end})


def _stable(whole: Trapezoid, steps: int | None) -> Arguments:
    """Return the arguments of a plateau between warm-up and decay, at whose end the floor holds."""
    kwargs: dict[str, Any] = {
        "num_stable_steps": int(whole.stable),
        "num_decay_steps": int(whole.decay_steps),
        "decay_type": SHAPES[type(whole.decay)],
    }
    if whole.floor:
        kwargs["min_lr_ratio"] = neat(whole.floor / whole.peak)
    return Arguments(whole.peak, "warmup_stable_decay", whole.warmup, steps, kwargs)


def draft_of(arguments: Arguments, code: str, **changes: Any) -> Draft:
    """Return what a trainer that hands these arguments to Transformers makes of them."""
    curve = arguments.curve()
    ratio = "min_lr_ratio" in arguments.kwargs
    given: dict[str, Any] = {
        "code": code,
        "native": True,
        "by": f"the formula of Transformers' {arguments.kind!r}",
        "rates": lambda steps: [curve(step) for step in steps],
        "run": arguments.run,
        "ran": f"get_scheduler of {version('transformers', 'Transformers')}",
        "rounding": "`min_lr_ratio` is a quotient of rates; " if ratio else "",
        "groups": "each parameter group gets its own fraction of the rate, if it has its own",
        "units": "updates, which `max_steps` counts, whatever is accumulated"
        if arguments.steps
        else "updates; the schedule has no end: `max_steps` or `num_train_epochs` is yours",
    } | changes
    given["rounding"] += "`warmup_steps` is a number of updates, so no ratio is rounded"
    return Draft(**given)


def yaml_of(settings: Mapping[str, Any], indent: str = "") -> str:
    """Return settings as YAML that each of its readers takes alike."""
    lines = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            lines.append(f"{indent}{name}:\n{yaml_of(value, indent + '  ')}")
        else:
            lines.append(f"{indent}{name}: {scalar(value)}\n")
    return "".join(lines)


def scalar(value: Any) -> str:
    """Return a value as YAML; a float has a point, without which 1e-05 would be a text."""
    if isinstance(value, float):
        text = repr(value)
        mantissa, e, exponent = text.partition("e")
        if e and "." not in mantissa:
            return f"{mantissa}.0e{exponent}"
        return text
    if isinstance(value, list):
        return f"[{', '.join(map(scalar, value))}]"
    return json.dumps(value) if isinstance(value, bool) else str(value)
