"""Lower the rate when a metric stops improving: a pure state machine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from glissando.rules import MAX_STEP, Number, Part, ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text.data import from_data, suggestion

RULES = {"torch": "rel", "keras": "abs", "optax": "rel"}
"""The counting rules by name, each with the threshold mode that its original has by default."""

_COUNT = Number(0, MAX_STEP, whole=True)
_FACTOR = Number(0, 1, above=True)


@dataclass(frozen=True)
class PlateauState:
    """What a plateau remembers between two metrics.

    Args:
        factor: what the rate is multiplied by now.
        best: the best metric so far, or None before the first.
        bad: how many metrics in a row have not improved on it.
        cooldown: how many metrics of the cooldown are still to come.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    factor: float = 1.0
    best: float | None = None
    bad: int = 0
    cooldown: int = 0

    def __post_init__(self) -> None:
        _set(self, "factor", _FACTOR)
        _set(self, "bad", _COUNT)
        _set(self, "cooldown", _COUNT)
        if self.best is not None:
            best = number(self.best, "PlateauState: `best`")
            if not math.isfinite(best):
                raise ScheduleError(f"PlateauState: `best` must be finite or None, got {best}")
            object.__setattr__(self, "best", best)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: a dictionary of plain values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_data(cls, data: object) -> "PlateauState":
        """Return the state that a JSON form describes.

        Raises:
            ScheduleError: an entry is unknown, missing, or breaks its rule.
        """
        return cls(**_entries(cls, data, [field.name for field in fields(cls)]))


@dataclass(frozen=True, repr=False)
class Plateau:
    """Lowers the rate when a metric has stopped improving.

    A frozen value: it holds the settings, and `update` takes the state so far to the next one.
    Give it a metric as often as you like, an epoch or an update at a time; `patience` and
    `cooldown` count metrics.

    The rules are those of three frameworks, to the last count. With `"torch"` the rate falls when
    more than `patience` metrics in a row were bad; with `"optax"` and `"keras"` it falls at the
    `patience`-th. With `"keras"` the last metric of a cooldown counts already.

    A metric that is NaN or infinite is a bad one, and never becomes the best. A relative threshold
    is a share of the best metric's size, so that it asks for an improvement below zero too.

    Args:
        rules: "torch", "keras" or "optax".
        factor: what the rate is multiplied by when it falls, above 0 and below 1.
        patience: how many bad metrics to wait, 0 or more; 1 or more with "optax".
        mode: "min" if lower metrics are better, "max" if higher ones are.
        threshold: how much better than the best a metric must be to improve on it, 0 or more.
        threshold_mode: "rel" if the threshold is a share of the best metric, "abs" if it is a
            difference; by default "abs" with the "keras" rules and "rel" with the others.
        cooldown: how many metrics to ignore after the rate fell, 0 or more.
        floor: the lowest factor in all, 0 to 1. Peers' lowest rates are `floor * rate`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> plateau = Plateau("torch", factor=0.5, patience=2)
        >>> state = plateau.init()
        >>> for loss in [1.0, 0.8, 0.8, 0.8, 0.8]:
        ...     state = plateau.update(state, loss)
        >>> state.factor
        0.5
    """

    rules: str = "torch"
    factor: float = 0.1
    patience: int = 10
    mode: str = "min"
    threshold: float = 1e-4
    threshold_mode: str | None = None
    cooldown: int = 0
    floor: float = 0.0

    def __post_init__(self) -> None:
        _among(self, "rules", RULES)
        if self.threshold_mode is None:
            object.__setattr__(self, "threshold_mode", RULES[self.rules])
        _among(self, "mode", ("min", "max"))
        _among(self, "threshold_mode", ("rel", "abs"))
        _set(self, "factor", _FACTOR)
        _set(self, "patience", _COUNT)
        _set(self, "threshold", Number(0, 1e30))
        _set(self, "cooldown", _COUNT)
        _set(self, "floor", Number(0, 1))
        if self.factor == 1:
            raise ScheduleError("Plateau: `factor` must be below 1, got 1.0")
        if self.threshold_mode == "rel" and self.threshold >= 1:
            raise ScheduleError(
                "Plateau: a relative `threshold` must be below 1, the whole of the metric, "
                f"got {self.threshold}"
            )
        if self.rules == "optax" and self.patience == 0:
            raise ScheduleError(
                "Plateau: `patience` must be 1 or more with the rules of optax, got 0: there the "
                "rate would fall at every improvement"
            )

    def init(self) -> PlateauState:
        """Return the state before the first metric."""
        return PlateauState()

    def update(self, state: PlateauState, metric: Any) -> PlateauState:
        """Return the state after one more metric.

        Args:
            state: the state so far; it stays as it is.
            metric: a number, or a 0-d array or tensor.

        Raises:
            ScheduleError: `metric` is no number.
        """
        value = number(metric, "Plateau: `metric`")
        improved = self.improves(value, state.best)
        best = value if improved else state.best
        cooling = state.cooldown > 0
        cooldown = state.cooldown - cooling
        # Keras counts the metric that ends a cooldown, the others ignore it
        ignored = cooldown > 0 if self.rules == "keras" else cooling
        bad = 0 if improved or ignored else (0 if cooling else state.bad) + 1
        if bad == 0 or bad < self.patience + (self.rules == "torch"):
            return PlateauState(state.factor, best, bad, cooldown)
        if self.rules == "keras" and state.factor <= self.floor:  # there nothing falls any more
            return PlateauState(state.factor, best, bad, cooldown)
        factor = max(state.factor * self.factor, self.floor)
        if factor == 0:  # after hundreds of falls, where a float ends
            factor = state.factor
        return PlateauState(factor, best, 0, self.cooldown)

    def improves(self, metric: float, best: float | None) -> bool:
        """Return whether a metric is better than the best so far by the threshold."""
        if not math.isfinite(metric):
            return False
        if best is None:
            return True
        up = self.mode == "max"
        delta = self.threshold if up else -self.threshold
        if self.threshold_mode == "rel":
            # below zero a share of the best would be a step back: there it is added the other way
            bar = best * (1.0 + delta if best >= 0 else 1.0 - delta)
        elif self.rules == "keras":  # its order of operations, for the sake of the last bit
            metric, bar = metric - delta, best
        else:
            bar = best + delta
        return metric > bar if up else metric < bar

    def on(self, schedule: Schedule, after: int = 0) -> "OnPlateau":
        """Return a schedule that this plateau lowers; see `OnPlateau`."""
        return OnPlateau(schedule, self, after)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: a dictionary of plain values, tagged by `type`."""
        return {"type": "plateau"} | {f.name: getattr(self, f.name) for f in self._told()}

    @classmethod
    def from_data(cls, data: object) -> "Plateau":
        """Return the plateau that a JSON form describes.

        Raises:
            ScheduleError: an entry is unknown or breaks its rule.
        """
        return cls(**_entries(cls, data, [], "plateau"))

    def _told(self) -> list[Any]:
        usual = {"threshold_mode": RULES[self.rules]}
        return [
            field
            for field in fields(self)
            if field.name == "rules"
            or getattr(self, field.name) != usual.get(field.name, field.default)
        ]

    def __repr__(self) -> str:
        """Return the Python code that builds the plateau."""
        rules, *others = self._told()
        told = [repr(getattr(self, rules.name))]
        told += [f"{field.name}={getattr(self, field.name)!r}" for field in others]
        return f"gl.Plateau({', '.join(told)})"


@dataclass(frozen=True, repr=False)
class OnPlateau:
    """A schedule that a plateau lowers: the rate is `schedule(step)` times the state's factor.

    Args:
        schedule: the schedule.
        plateau: the plateau.
        after: how many updates of the optimizer come before it listens, 0 or more: the warm-up,
            during which metrics that rise or stand still mean nothing.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> import glissando as gl
        >>> warm_up = gl.Linear(0.0, 0.1, steps=100)
        >>> rate = gl.Plateau("torch", factor=0.5, patience=2).on(warm_up, after=100)
        >>> state = rate.init()
        >>> for step in range(0, 300, 50):  # the loss stands still
        ...     state = rate.update(state, 1.0, step)
        >>> rate(300, state)
        0.05
    """

    schedule: Schedule
    plateau: Plateau
    after: int = 0

    def __post_init__(self) -> None:
        _set(self, "schedule", Part())
        if not isinstance(self.plateau, Plateau):
            raise ScheduleError(
                f"OnPlateau: `plateau` must be a gl.Plateau, got {shown(self.plateau)}"
            )
        _set(self, "after", _COUNT)

    def init(self) -> PlateauState:
        """Return the state before the first metric."""
        return self.plateau.init()

    def update(self, state: PlateauState, metric: Any, step: int) -> PlateauState:
        """Return the state after one more metric, heard when `step` updates were done.

        Raises:
            ScheduleError: `metric` is no number, or `step` is no step.
        """
        done = _COUNT.check(step, "OnPlateau: `step`")
        return state if done < self.after else self.plateau.update(state, metric)

    def __call__(self, step: Any, state: PlateauState) -> Any:
        """Return the rate at `step`: a number, an array or a tensor, as the schedule's."""
        return self.schedule(step) * state.factor

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: a dictionary of plain values, tagged by `type`."""
        return {
            "type": "on_plateau",
            "schedule": self.schedule.to_data(),
            "plateau": self.plateau.to_data(),
            "after": self.after,
        }

    @classmethod
    def from_data(cls, data: object, allow_imports: Sequence[str] = ()) -> "OnPlateau":
        """Return what a JSON form describes.

        Args:
            data: the JSON form.
            allow_imports: where functions may be imported from: see `glissando.loads`.

        Raises:
            ScheduleError: an entry is unknown, missing, or breaks its rule.
        """
        entries = _entries(cls, data, ["schedule", "plateau"], "on_plateau")
        return cls(
            from_data(entries["schedule"], allow_imports=allow_imports),
            Plateau.from_data(entries["plateau"]),
            entries.get("after", 0),
        )

    def __repr__(self) -> str:
        """Return the Python code that builds it."""
        after = f", after={self.after}" if self.after else ""
        return f"{self.plateau!r}.on({self.schedule!r}{after})"


def number(value: Any, where: str) -> float:
    """Return a metric as a float, NaN and infinities too, or raise about `where`."""
    if not isinstance(value, bool | str | bytes) and value is not None:
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ScheduleError(f"{where} must be a number, got {shown(value)}")


def _set(value: Any, field: str, rule: Any) -> None:
    checked = rule.check(getattr(value, field), f"{type(value).__name__}: `{field}`")
    object.__setattr__(value, field, checked)


def _among(value: Any, field: str, names: Any) -> None:
    got = getattr(value, field)
    if not isinstance(got, str) or got not in names:
        raise ScheduleError(
            f"{type(value).__name__}: `{field}` must be {' or '.join(map(repr, names))}, "
            f"got {shown(got)}"
        )


def _entries(cls: Any, data: object, needed: list[str], tag: str = "") -> dict[str, Any]:
    """Return the entries of a JSON form, every one of them known and none missing."""
    name = cls.__name__
    if not isinstance(data, dict):
        raise ScheduleError(f"{name}: the JSON form must be an object, got {shown(data)}")
    if tag and data.get("type") != tag:
        raise ScheduleError(f"{name}: `type` must be {tag!r}, got {shown(data.get('type'))}")
    known = [field.name for field in fields(cls)]
    entries = {entry: value for entry, value in data.items() if not (tag and entry == "type")}
    for entry in entries:
        if entry not in known:
            raise ScheduleError(f"{name}: unknown entry {entry!r}" + suggestion(entry, known))
    for entry in needed:
        if entry not in entries:
            raise ScheduleError(f"{name}: `{entry}` is missing")
    return entries
