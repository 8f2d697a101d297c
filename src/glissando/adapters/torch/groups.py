"""What is different in some of an optimizer's parameter groups."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import torch

from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule
from glissando.adapters.torch.slot import as_float, find, numeric
from glissando.dialects.shared.hyperparameters import for_optimizer
from glissando.errors import ScheduleError, shown, suggestion
from glissando.rules import plain_number
from glissando.schedule import Schedule

Groups = Mapping[str, Any] | Callable[[dict[str, Any]], Any] | Literal["relative", "same"] | None
"""What is different in some parameter groups: by their names, by a function of a group, their
values as they were built, or nothing."""

Group = dict[str, Any]


class GroupRules:
    """What a parameter group has of each schedule.

    Args:
        groups: what the user gave.
        optimizer: the optimizer, as it was built or loaded.
        names: what is scheduled.

    Raises:
        ScheduleError: `groups` is no such thing; or the groups differ in what is scheduled, and it
            does not say what is to become of that.
    """

    def __init__(self, groups: Groups, optimizer: Any, names: Iterable[str]) -> None:
        self.groups: Any = groups
        self.defaults = optimizer.defaults
        self.known = len(optimizer.param_groups)  # of those after it each is looked at once
        self.largest: dict[str, float] = {}
        self.built: list[dict[str, float]] = []  # the groups' own values, if they are to count
        if groups == "relative":
            self._measure(optimizer.param_groups, names)
        elif isinstance(groups, Mapping):
            _check_names(groups, optimizer)
        elif groups not in (None, "same") and not callable(groups):
            raise ScheduleError(
                "Scheduler: `groups` must be a mapping or a function, 'relative' or 'same', got "
                f"{shown(groups)}"
            )
        if not isinstance(groups, str):
            self._check_equal(optimizer.param_groups, names)

    def of(
        self, index: int, group: Group, followed: Mapping[str, AnySchedule]
    ) -> dict[str, tuple[str, AnySchedule, float]]:
        """Return what is scheduled in a group: by what it sets, the schedule and its factor.

        Before them stands its name among the schedules, empty if it belongs to the group alone.
        """
        rules = {path: (path, schedule, 1.0) for path, schedule in followed.items()}
        if self.groups == "relative":
            for path in followed:
                if (built := self.built[index].get(path)) is not None:
                    group[f"initial_{path}"] = built  # for whoever goes on from its saved state
                    rules[path] = (path, followed[path], _share(built, self.largest[path]))
        own = self._own(group)
        for path, rule in own.items():
            factor = plain_number(rule)
            if isinstance(rule, Schedule):
                rules[path] = ("", rule, 1.0)
            elif factor is None or not 0 <= factor < math.inf:
                raise ScheduleError(
                    f"Scheduler: `groups` must give a number of 0 or more or a schedule for "
                    f"`{path}` of {called(index, group)}, got {shown(rule)}"
                )
            elif path not in rules:
                raise ScheduleError(
                    f"Scheduler: `groups` multiplies `{path}` of {called(index, group)}, but "
                    f"only {', '.join(rules)} has a schedule"
                )
            else:
                rules[path] = (*rules[path][:2], float(factor))
        if "lr" in rules and (scale := _scale(index, group)) != 1:
            name, schedule, factor = rules["lr"]
            if not self._has_scaled(group, own):
                rules["lr"] = name, schedule, factor * scale
        return rules

    def add(
        self, groups: list[Group], index: int, names: Iterable[str], reaction: Reaction
    ) -> None:
        """Look at a group that was added later, once: one with a value of its own is reported."""
        if index < self.known:
            return
        group, built = groups[index], {}
        own = self._own(group)
        for path in names:
            if (value := _value(group, path)) is None or path in own:
                continue
            default = _value(self.defaults, path)
            if self.groups == "relative":
                largest = self.largest.setdefault(path, value)
                built[path] = largest if default is not None and _same([value, default]) else value
                if built[path] > largest:
                    raise ScheduleError(
                        f"Scheduler: {called(index, group)} was added with {path}={value:.6g}, "
                        f"above the {largest:.6g} that the schedule stands for with "
                        "groups='relative'. Build a Scheduler when all groups are there, or add "
                        "the group with less"
                    )
            elif self.groups != "same":
                others = [_value(other, path) for other in groups[:index]]
                known = [v for v in (default, *others) if v is not None]
                scale = _scale(index, group) if path == "lr" else 1.0
                if not any(_same([value, v]) or _same([value, v * scale]) for v in known):
                    react(
                        reaction,
                        f"Scheduler: {called(index, group)} was added with {path}={value:.6g} of "
                        "its own, but has the schedule's value from now on, as the others have. To "
                        "keep the proportion, build the Scheduler with groups='relative', or with "
                        "a function that returns the factor of such a group; to say that it is "
                        f"meant, add the group without {path}",
                    )
        self.known = index + 1
        self.built.append(built)

    def _own(self, group: Group) -> Mapping[str, Any]:
        """Return what the user says of a group."""
        if self.groups is None or isinstance(self.groups, str):
            return {}
        if callable(self.groups):
            return _by_path(for_optimizer(self.groups(group), group))
        return _by_path(for_optimizer(self.groups.get(group.get("name")), group))

    def _has_scaled(self, group: Group, own: Mapping[str, Any]) -> bool:
        """Return whether the user's function has taken `lr_scale` into account itself."""
        if "lr" not in own or not callable(self.groups):
            return False
        without = {key: value for key, value in group.items() if key != "lr_scale"}
        try:
            return bool(_by_path(self.groups(without)).get("lr") != own["lr"])
        except Exception:  # it asks for it
            return True

    def _measure(self, groups: list[Group], names: Iterable[str]) -> None:
        """Take down the values that the groups were built with."""
        self.built = [{} for _ in groups]
        for path in names:
            values, initial = _values(groups, path), _values(groups, f"initial_{path}")
            # an earlier run has left there what the groups were built with, and its rates beside it
            if set(values) <= set(initial) and _proportional(values, initial):
                values = initial
            if not values:
                continue
            if path == "lr" and max(values.values()) == 0:
                raise ScheduleError(
                    "Scheduler: groups='relative' keeps the proportions of the groups' `lr`, but "
                    "all of them are 0. Build the Scheduler before a state of the optimizer is "
                    "loaded, or give the factors by a mapping or a function"
                )
            if path == "lr":
                values = _unscaled(values, groups)
            self.largest[path] = max(values.values())
            for i, value in values.items():
                self.built[i][path] = value

    def _check_equal(self, groups: list[Group], names: Iterable[str]) -> None:
        """Refuse to make groups equal that were built to differ."""
        for path in names:
            values = {
                index: value
                for index, group in enumerate(groups)
                if path not in self._own(group) and (value := _value(group, path)) is not None
            }
            if _same(values.values()):
                continue
            if path == "lr" and _same(_unscaled(values, groups).values()):
                continue
            first = {value: index for index, value in reversed(values.items())}
            seen = [
                f"{value:.6g} in {called(index, groups[index])}"
                for value, index in sorted(first.items(), key=lambda pair: pair[1])
            ]
            more = [f"and {len(seen) - 4} more"] if len(seen) > 5 else []
            raise ScheduleError(
                f"Scheduler: the parameter groups differ in `{path}`: "
                f"{', '.join(seen[:4] + more if more else seen)}; the schedule of `{path}` would "
                "make them equal. Write groups='relative' to keep their proportions, the largest "
                "following the schedule, or groups='same' to make them equal. A mapping by the "
                "groups' names, or a function of a group, gives factors or schedules of your own"
            )


def called(index: int, group: Group) -> str:
    """Return what messages call a group."""
    return f"group {index}" + (f" ({group['name']!r})" if "name" in group else "")


def _by_path(rule: Any) -> Mapping[str, Any]:
    """Return the rule of a group as a mapping."""
    if rule is None:
        return {}
    return rule if isinstance(rule, Mapping) else {"lr": rule}


def _value(group: Mapping[str, Any], path: str) -> float | None:
    """Return the number that a group has under a name, or None."""
    value = find(group, path)
    return as_float(value) if numeric(value) else None


def _values(groups: list[Group], path: str) -> dict[int, float]:
    """Return the numbers that groups have under a name, by the index of the group."""
    found = {index: _value(group, path) for index, group in enumerate(groups)}
    return {index: value for index, value in found.items() if value is not None}


def _proportional(values: Mapping[int, float], initial: Mapping[int, float]) -> bool:
    """Return whether values are all in one proportion to what they were at first."""
    pairs = [(value, initial[index]) for index, value in values.items()]
    return _same(now / first for now, first in pairs if first) and not any(
        now for now, first in pairs if not first
    )


def _scale(index: int, group: Group) -> float:
    """Return timm's factor for the rate of a group."""
    value = group.get("lr_scale", 1.0)
    scale = plain_number(value.item() if isinstance(value, torch.Tensor) else value)
    if scale is None or not 0 <= scale < math.inf:
        raise ScheduleError(
            f"Scheduler: `lr_scale` must be a number of 0 or more in {called(index, group)}, got "
            f"{shown(value)}"
        )
    return float(scale)


def _unscaled(values: dict[int, float], groups: list[Group]) -> dict[int, float]:
    """Return rates without `lr_scale`, if it is the one thing by which they differ."""
    scales = {index: _scale(index, groups[index]) for index in values}
    if _same(values.values()) or not all(scales.values()):
        return values
    without = {index: value / scales[index] for index, value in values.items()}
    return without if _same(without.values()) else values


def _same(values: Iterable[float]) -> bool:
    """Return whether all values are equal, but for how a tensor has rounded them."""
    values = list(values)
    return all(math.isclose(value, values[0], rel_tol=1e-6) for value in values)


def _share(value: float, largest: float) -> float:
    return 1.0 if value == largest else value / largest


def _check_names(groups: Mapping[str, Any], optimizer: Any) -> None:
    known = [group["name"] for group in optimizer.param_groups if "name" in group]
    for name in groups:
        if name not in known:
            raise ScheduleError(
                f"Scheduler: no parameter group has the name {name!r} of `groups`"
                + (suggestion(name, known) if known else "; give groups a 'name'")
                + " For a group that is added later, pass a function"
            )
