"""The schedulers of DeepSpeed's configuration, which begin one update late."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.given import Given
from glissando.convert.shared.curves import log_warmup
from glissando.convert.shared.fields import Fields
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError, one_of
from glissando.families import Constant, Cosine, InverseTime, Linear
from glissando.schedule import Schedule


def scheduled(
    configuration: Mapping[str, Any], given: Given, auto: Mapping[str, Any] | None = None
) -> Schedule:
    """Return the schedule of a configuration's scheduler.

    Args:
        configuration: what DeepSpeed is given.
        given: what is known beside it.
        auto: what stands for "auto", by the names of the scheduler's parameters.
    """
    scheduler = configuration["scheduler"]
    kind = Fields("deepspeed", scheduler).text("type")
    one_of(kind, tuple(TYPES), "deepspeed: `scheduler.type`")
    found = scheduler.get("params")
    data = found if isinstance(found, Mapping) else {}
    data = {name: (auto or {}).get(name, v) if v == "auto" else v for name, v in data.items()}
    return TYPES[kind](_Parameters(data, configuration, given))


def has_scheduler(configuration: Any) -> bool:
    """Return whether something is a configuration with a scheduler."""
    return isinstance(configuration, Mapping) and isinstance(
        configuration.get("scheduler"), Mapping
    )


class _Parameters(Fields):
    """The parameters of a scheduler: one of a list by its group, and "auto" by what is given."""

    def __init__(self, data: Mapping[str, Any], whole: Mapping[str, Any], given: Given) -> None:
        super().__init__("deepspeed", {name: _of_group(data[name], given) for name in data})
        self.configuration = whole
        self.given = given

    def get(self, name: str) -> Any:
        """Return a value, which must not be left to the Trainer of Transformers."""
        found = super().get(name)
        if found == "auto":
            if name == "warmup_min_lr":
                return 0
            if name == "total_num_steps" and self.given.steps is not None:
                return self.given.steps
            more = ", or give `steps` (--steps)" if name == "total_num_steps" else ""
            raise ScheduleError(
                f'deepspeed: `scheduler.params.{name}` is "auto", which the Trainer of '
                f"Transformers fills in by its own arguments: write the number in{more}"
            )
        return found

    def peak(self) -> float:
        """Return the optimizer's own rate."""
        optimizer = self.configuration.get("optimizer")
        found = optimizer.get("params") if isinstance(optimizer, Mapping) else None
        named = {"optimizer.params.lr": found.get("lr") if isinstance(found, Mapping) else None}
        lr: float = Fields("deepspeed", named).number("optimizer.params.lr")
        return lr

    def total(self) -> int:
        """Return how many updates the schedule takes."""
        if not self.has("total_num_steps") and self.given.steps is not None:
            return self.given.steps
        return self.whole("total_num_steps")

    def warmup(self, low: float, peak: float) -> tuple[Schedule, int]:
        """Return the warm-up, and how many steps it takes: 2 or more."""
        steps = max(2, self.count("warmup_num_steps", 1000))
        if self.text("warmup_type", "log") == "linear":
            return Linear(low, peak, steps), steps
        return log_warmup(low, peak, steps), steps


def _of_group(value: Any, given: Given) -> Any:
    """Return the value of the group that is asked for, where each has its own."""
    if not isinstance(value, list):
        return value
    if len(set(map(str, value))) == 1:
        return value[0]
    if not isinstance(given.group, int) or not 0 <= given.group < len(value):
        raise ScheduleError(
            f"deepspeed: {len(value)} groups have rates of their own: give the number of one as "
            "`group` (--group), from 0"
        )
    return value[given.group]


def _warmup(parameters: _Parameters) -> Schedule:
    low = parameters.number("warmup_min_lr", 0.0)
    named = parameters.has("warmup_max_lr")
    peak = parameters.number("warmup_max_lr") if named else parameters.peak()
    rise, _ = parameters.warmup(low, peak)
    return Constant(low, 1) >> rise >> Constant(peak)


def _warmup_decay(parameters: _Parameters) -> Schedule:
    low = parameters.number("warmup_min_lr", 0.0)
    peak = parameters.number("warmup_max_lr", 0.001)
    rise, steps = parameters.warmup(low, peak)
    rest = parameters.total() - steps
    return Constant(low, 1) >> rise >> (Linear(peak, low, rest) if rest > 0 else Constant(low))


def _warmup_cosine(parameters: _Parameters) -> Schedule:
    """Return the schedule that is 0 at first, and whose cosine is one step ahead."""
    peak = parameters.peak()
    rise, steps = parameters.warmup(peak * parameters.number("warmup_min_ratio", 0.0), peak)
    end = peak * parameters.number("cos_min_ratio", 0.0001)
    fall = later(Cosine(peak, end, max(1, parameters.total() - steps)), 1)
    return Constant(0.0, 1) >> rise >> fall


def _range_test(parameters: _Parameters) -> Schedule:
    low = parameters.number("lr_range_test_min_lr", 1e-3)
    every = parameters.count("lr_range_test_step_size", 2000)
    rise = low * parameters.number("lr_range_test_step_rate", 1.0)
    parameters.given.need("deepspeed", "steps")
    length = parameters.given.steps or 0
    if parameters.flag("lr_range_test_staircase"):
        stairs = -(-length // every)
        return Linear(low, low + rise * stairs, stairs).hold_each(every)
    return Linear(low, low + rise * length / every, length)


def _one_cycle(parameters: _Parameters) -> Schedule:
    for name in ("cycle_first_stair_count", "cycle_second_stair_count"):
        if parameters.whole(name, 0):
            raise ScheduleError(f"deepspeed: `{name}` is not read: it changed between versions")
    low, high = parameters.number("cycle_min_lr"), parameters.number("cycle_max_lr")
    first = parameters.count("cycle_first_step_size", 2000)
    second = parameters.count("cycle_second_step_size", first)
    every = parameters.number("decay_step_size", 0.0)
    decay = parameters.number("decay_lr_rate", 0.0)
    rest = InverseTime(low, decay / every) if decay and every else Constant(low)
    return Linear(low, high, first) >> Linear(high, low, second) >> rest


TYPES = {
    "WarmupLR": _warmup,
    "WarmupDecayLR": _warmup_decay,
    "WarmupCosineLR": _warmup_cosine,
    "LRRangeTest": _range_test,
    "OneCycle": _one_cycle,
}
