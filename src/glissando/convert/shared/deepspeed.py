"""The schedulers of DeepSpeed's configuration, which begin one update late."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.given import Given
from glissando.convert.shared.curves import log_warmup
from glissando.convert.shared.fields import Fields
from glissando.dialects.shared.curves import later
from glissando.errors import ScheduleError, one_of, shown
from glissando.families import Constant, Cosine, InverseTime, Linear
from glissando.schedule import Schedule

OWN_PEAK = (0, 17, 2)
"""Since when a WarmupLR that says no peak has that of the optimizer."""

OLD_PEAK = 0.001
"""What it had before."""

STAIRS = (0, 19, 4)
"""Since when the counts of stairs of a OneCycle change its rate."""

LAST = "last_batch_iteration"
"""The parameter of each by which it may begin later."""

WARMUP = ("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type")

PARAMETERS = {
    "WarmupLR": WARMUP,
    "WarmupDecayLR": ("total_num_steps", *WARMUP),
    "WarmupCosineLR": (
        *("total_num_steps", "warmup_min_ratio", "warmup_num_steps", "cos_min_ratio"),
        "warmup_type",
    ),
    "LRRangeTest": tuple(
        f"lr_range_test_{name}" for name in ("min_lr", "step_size", "step_rate", "staircase")
    ),
    "OneCycle": (
        *("cycle_min_lr", "cycle_max_lr", "decay_lr_rate", "cycle_first_step_size"),
        *("cycle_second_step_size", "cycle_first_stair_count", "cycle_second_stair_count"),
        *("decay_step_size", "cycle_momentum", "cycle_min_mom", "cycle_max_mom"),
        "decay_mom_rate",
    ),
}
"""What each scheduler takes; another parameter makes DeepSpeed raise."""


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
    unknown = sorted(set(data) - set(PARAMETERS[kind]) - {LAST})
    if unknown:
        raise ScheduleError(
            f"deepspeed: `scheduler.params.{unknown[0]}` is no parameter of {kind}, which takes "
            f"{', '.join(PARAMETERS[kind])}: DeepSpeed itself raises"
        )
    if data.get(LAST, -1) != -1:
        raise ScheduleError(
            f"deepspeed: `scheduler.params.{LAST}` must be -1, got {shown(data[LAST])}, which "
            "begins in its middle"
        )
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
    peak = parameters.number("warmup_max_lr") if named else _default_peak(parameters)
    rise, _ = parameters.warmup(low, peak)
    return Constant(low, 1) >> rise >> Constant(peak)


def _default_peak(parameters: _Parameters) -> float:
    """Return the peak of a WarmupLR that does not say it: of old, the same for all."""
    own = parameters.peak()
    if own == OLD_PEAK:
        return own
    parameters.given.need("deepspeed", "framework_version")
    return own if (parameters.given.version() or ()) >= OWN_PEAK else OLD_PEAK


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
    low, high = parameters.number("cycle_min_lr"), parameters.number("cycle_max_lr")
    first = parameters.count("cycle_first_step_size", 2000)
    second = parameters.count("cycle_second_step_size", first)
    every = parameters.number("decay_step_size", 0.0)
    decay = parameters.number("decay_lr_rate", 0.0)
    rest = InverseTime(low, decay / every) if decay and every else Constant(low)
    stairs = parameters.whole("cycle_first_stair_count", 0)
    down = parameters.whole("cycle_second_stair_count", stairs)
    rise: Schedule = Linear(low, high, first)
    fall: Schedule = Linear(high, low, second)
    if stairs > 0 or down > 0:
        parameters.given.need("deepspeed", "framework_version")
        if (parameters.given.version() or ()) >= STAIRS:
            rise = _up(low, high, first, stairs) if stairs > 0 else rise
            fall = _down(low, high, second, down) if down > 0 else fall
    return rise >> fall >> rest


def _up(low: float, high: float, steps: int, stairs: int) -> Schedule:
    return Linear(low, high, stairs).hold_each(_each("first", steps, stairs))


def _down(low: float, high: float, steps: int, stairs: int) -> Schedule:
    """Return the way down in stairs, before which the peak has one update alone."""
    each = _each("second", steps, stairs)
    below = high - (high - low) / stairs
    whole: Schedule = Constant(high, 1)
    if stairs > 1:
        whole = whole >> Linear(below, low, stairs - 1).hold_each(each)
    return whole >> Constant(low, each - 1) if each > 1 else whole


def _each(half: str, steps: int, stairs: int) -> int:
    """Return how many updates a stair takes."""
    if steps % stairs:
        raise ScheduleError(
            f"deepspeed: `cycle_{half}_stair_count` must divide `cycle_{half}_step_size`, got "
            f"{stairs} stairs in {steps} updates"
        )
    return steps // stairs


TYPES = {
    "WarmupLR": _warmup,
    "WarmupDecayLR": _warmup_decay,
    "WarmupCosineLR": _warmup_cosine,
    "LRRangeTest": _range_test,
    "OneCycle": _one_cycle,
}
