"""Schedules built from texts and files, whose lengths may be durations: a plan counts them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from glissando.clock.duration import REST, Duration, duration
from glissando.clock.plan import Plan
from glissando.combinators.base import Wrapper
from glissando.errors import ScheduleError, shown
from glissando.rules import Many, Maybe
from glissando.schedule import Part, Schedule
from glissando.signatures import bound
from glissando.text.names import maker
from glissando.text.permissions import allowed, permit_imports
from glissando.value import arguments


class Open(NamedTuple):
    """A schedule that cannot be built yet: its parts' lengths are to be counted together.

    `build` makes it from their steps, which it takes in order; an endless last part has no length.
    """

    lengths: tuple[Any, ...]
    build: Callable[[Iterator[int]], Schedule]
    endless: bool = False


class Builder:
    """What builds schedules from arguments that may be durations.

    Args:
        plan: the run that they are counted for, or None.
        allow_imports: where functions may be imported from.
    """

    def __init__(self, plan: Plan | None, allow_imports: Sequence[str] = ()) -> None:
        self.allow_imports = allowed(allow_imports)
        if plan is not None and not isinstance(plan, Plan):
            raise ScheduleError(f"`plan` must be what gl.plan returns, got {shown(plan)}")
        self.plan = plan

    def build(
        self, family: type[Schedule], positional: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """Return a family's schedule, open if its length has to be counted with others."""
        given = arguments(family, positional, named, ScheduleError)
        given = {field: rate_of(value) for field, value in given.items()}
        permit_imports(family, given, self.allow_imports)
        if family.sequential:
            return self.sequence(family, given["parts"], f"{family.__name__}: `parts`")
        for field, value in given.items():
            where = f"{family.__name__}: `{field}`"
            given[field] = self.counted(
                family.fields[field].rule, value, where, length=field == "steps"
            )
        length = given.get("steps")
        inner = given.get("schedule")
        if isinstance(inner, Open) and _as_long_as_its_part(family):
            others = {field: value for field, value in given.items() if field != "schedule"}
            return inner._replace(build=lambda steps: family(schedule=inner.build(steps), **others))
        given = {field: self.closed(value) for field, value in given.items()}
        if isinstance(length, Duration) or length == REST:
            del given["steps"]
            return Open((length,), lambda steps: family(**given, steps=next(steps)))
        return family(**given)

    def sequence(self, make: Callable[[list[Any]], Schedule], parts: Any, where: str) -> Any:
        """Return what is made of schedules that follow one another, open if one of them is."""
        parts = rate_of(parts)
        if not isinstance(parts, list) or not any(isinstance(part, Open) for part in parts):
            return make(parts)
        pieces = [_open(part, f"{where}[{i}]") for i, part in enumerate(parts)]
        return Open(
            tuple(length for piece in pieces for length in piece.lengths),
            lambda steps: make([piece.build(steps) for piece in pieces]),
            any(piece.endless for piece in pieces),
        )

    def closed(self, value: Any, *, whole: bool = False) -> Any:
        """Return what `value` is when its lengths are counted; a list, of its members.

        Args:
            value: an open schedule, or anything else.
            whole: whether it is all there is: parts in percent of the run must then add up to it.
        """
        if isinstance(value, list):
            return [self.closed(member) for member in value]
        if not isinstance(value, Open):
            return value
        assert self.plan is not None  # or it would not be open
        percent = any(length == REST or length.unit == "%" for length in value.lengths)
        if REST in value.lengths and value.endless:
            raise ScheduleError("nothing is left for 'rest' beside a part that never ends")
        if whole and percent and not value.endless and len(value.lengths) > 1:
            counted = self.plan.split(*value.lengths)
        else:
            counted = self.plan.in_turn(*value.lengths)
            if percent and sum(counted) > self.plan.steps:
                raise ScheduleError(
                    f"parts in percent of the run must fit into its {self.plan.steps} steps, got "
                    f"{', '.join(map(str, value.lengths))}: {sum(counted)} steps"
                )
        return value.build(iter(counted))

    def counted(self, rule: Any, value: Any, where: str, *, length: bool = False) -> Any:
        """Return the steps of a duration; a length that rounds with others stays a duration.

        What is no duration, or is where no steps are counted, is returned as it is.
        """
        if isinstance(rule, Maybe):
            rule = rule.rule
        if isinstance(rule, Many) and isinstance(value, list):
            return [self.counted(rule.member, v, f"{where}[{i}]") for i, v in enumerate(value)]
        if not rule.counts_steps:
            return value
        if not isinstance(value, str):
            if rule.whole and isinstance(value, float) and 0 < value <= 1:
                meaning = "a percentage is written as '3%'"
                if value == 1:
                    meaning = "it could be the whole run or a single step; write '100%' or 1"
                raise ScheduleError(f"{where} must be a whole number, got {value}; {meaning}")
            return value
        if value == REST and length:
            read: Any = REST
        else:
            try:
                read = duration(value)
            except ScheduleError as error:
                why = str(error).removeprefix("duration: ")
                raise ScheduleError(
                    f"{where} must be a whole number or a duration: {why}"
                ) from None
            if read.unit == "steps":
                return read.amount
        if self.plan is None:
            raise ScheduleError(
                f"{where}: {shown(value)} can only be counted for a run; pass plan=gl.plan(...), "
                "or --plan on the command line"
            )
        try:
            return read if length else self.plan.steps_in(read)
        except ScheduleError as error:
            raise ScheduleError(f"{where}: {error}") from None


def rate_of(value: Any) -> Any:
    """Return the rate's schedule where a dialect gives several by name; of a list, its members'."""
    if isinstance(value, list):
        return [rate_of(member) for member in value]
    several = isinstance(value, Mapping) and not isinstance(value, dict)  # which arguments are
    return value["lr"] if several else value


def _open(value: Any, where: str) -> Open:
    """Return a part of an open chain as an open schedule itself."""
    if isinstance(value, Open):
        return value
    part: Schedule = Part().check(value, where)
    if part.steps == math.inf:
        return Open((), lambda _: part, endless=True)

    def built(steps: Iterator[int]) -> Schedule:
        next(steps)
        return part

    return Open((Duration(part.steps, "steps"),), built)


def _as_long_as_its_part(family: type[Schedule]) -> bool:
    """Return whether schedules of a combinator are as long as the one schedule in them."""
    whole = issubclass(family, Wrapper) and family.length is Wrapper.length
    return whole and "steps" not in family.fields


def build_recipe(
    name: str, positional: list[Any], named: dict[str, Any], counted: Callable[..., Any]
) -> Any:
    """Return the schedule of a recipe, or what a dialect's function gives, for any arguments.

    Args:
        name: its name.
        positional: the arguments without a name.
        named: those with one.
        counted: what counts durations for a run: see `Builder.counted`.
    """
    function = maker(name, "the name")
    given = bound(function.__signature__, name, positional, named, ScheduleError)
    percentages = getattr(function, "percentages", ())
    for argument, value in given.arguments.items():
        percent = isinstance(value, str) and value.rstrip().endswith("%")
        if argument in function.rules and not (percent and argument in percentages):
            rule = function.rules[argument]
            given.arguments[argument] = counted(rule, value, f"{name}: `{argument}`")
    return function(*given.args, **given.kwargs)
