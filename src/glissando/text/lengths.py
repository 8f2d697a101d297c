"""Durations in texts and files: counted by a plan while a schedule is read."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glissando.combinators.chain import Chain
from glissando.combinators.combinator import Wrapper
from glissando.durations import REST, Duration, duration
from glissando.imported import Imported, allowed, permit
from glissando.rules import Many, Part, ScheduleError, shown
from glissando.schedule import Schedule
from glissando.text.data import arguments

if TYPE_CHECKING:
    from glissando.plans import Plan


class Open(NamedTuple):
    """A schedule that cannot be built yet: its parts' lengths are to be counted together.

    `build` makes it from their steps, which it takes in order; an endless last part has no length.
    """

    lengths: tuple[Any, ...]
    build: Callable[[Iterator[int]], Schedule]
    endless: bool = False


class Reading:
    """What builds schedules from arguments that may be durations.

    Args:
        plan: the run that they are counted for, or None.
        allow_imports: where functions may be imported from.
    """

    def __init__(self, plan: "Plan | None", allow_imports: Sequence[str] = ()) -> None:
        self.allow_imports = allowed(allow_imports)
        if plan is not None:
            from glissando.plans import Plan

            if not isinstance(plan, Plan):
                raise ScheduleError(f"`plan` must be what gl.plan returns, got {shown(plan)}")
        self.plan = plan

    def build(
        self, family: type[Schedule], positional: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """Return a family's schedule, open if its length has to be counted with others."""
        given = arguments(family, positional, named)
        if family is Imported:
            permit(given["function"], self.allow_imports)
        if family is Chain:
            return self.chain(given["parts"])
        for field, value in given.items():
            where = f"{family.__name__}: `{field}`"
            given[field] = self.counted(family.rules[field], value, where, length=field == "steps")
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

    def chain(self, parts: Any) -> Any:
        """Return schedules one after another, open if one of them is."""
        if not isinstance(parts, list) or not any(isinstance(part, Open) for part in parts):
            return Chain(parts)
        pieces = [_open(part, f"Chain: `parts`[{i}]") for i, part in enumerate(parts)]
        return Open(
            tuple(length for piece in pieces for length in piece.lengths),
            lambda steps: Chain([piece.build(steps) for piece in pieces]),
            any(piece.endless for piece in pieces),
        )

    def closed(self, value: Any, *, whole: bool = False) -> Any:
        """Return what `value` is when its lengths are counted; a list, of its members.

        Args:
            value: an open schedule, or anything else.
            whole: whether it is all there is: parts in shares of the run must then add up to it.
        """
        if isinstance(value, list):
            return [self.closed(member) for member in value]
        if not isinstance(value, Open):
            return value
        assert self.plan is not None  # or it would not be open
        shares = any(length == REST or length.unit == "%" for length in value.lengths)
        if REST in value.lengths and value.endless:
            raise ScheduleError("nothing is left for 'rest' beside a part that never ends")
        if whole and shares and not value.endless and len(value.lengths) > 1:
            counted = self.plan.split(*value.lengths)
        else:
            counted = self.plan.in_turn(*value.lengths)
            if shares and sum(counted) > self.plan.steps:
                raise ScheduleError(
                    f"parts in shares of the run must fit into its {self.plan.steps} steps, got "
                    f"{', '.join(map(str, value.lengths))}: {sum(counted)} steps"
                )
        return value.build(iter(counted))

    def counted(self, rule: Any, value: Any, where: str, *, length: bool = False) -> Any:
        """Return the steps of a duration; a length that rounds with others stays a duration.

        What is none, or stands where no steps are counted, is returned as it is.
        """
        if isinstance(rule, Many) and isinstance(value, list):
            return [self.counted(rule.member, v, f"{where}[{i}]") for i, v in enumerate(value)]
        if not getattr(rule, "counts_steps", False):
            return value
        if not isinstance(value, str):
            if rule.whole and isinstance(value, float) and 0 < value <= 1:
                meaning = "a share is written as '3%'"
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
                f"{where}: {value!r} can only be counted for a run; pass plan=gl.plan(...), or "
                "--plan on the command line"
            )
        try:
            return read if length else self.plan.steps_in(read)
        except ScheduleError as error:
            raise ScheduleError(f"{where}: {error}") from None


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
    return whole and "steps" not in family.rules
