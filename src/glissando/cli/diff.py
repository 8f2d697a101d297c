"""The command `glissando diff`."""

import json
import math
from typing import Any

import click

from glissando.checks.difference import Difference, Place, Relation, difference
from glissando.cli.arguments import Steps, epochs, exactly, schedules
from glissando.cli.drawing import echo_drawing, log_axis
from glissando.recipes.registry import unit_of
from glissando.schedule import Schedule


@click.command(epilog="Example: glissando diff rate.yaml 'linear(0, 1e-3, 500) >> constant(1e-3)'")
@schedules
@epochs
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="FRACTION",
    help="By how much rates may differ, as a fraction of the highest, such as 1e-12.  [default: 0]",
)
@click.option("--steps", type=Steps(1), help="Compare this many steps.  [default: to the end]")
@log_axis
@click.option("--json", "as_json", is_flag=True, help="Print what differs as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    schedules: dict[str, Schedule],
    per_epoch: int | None,
    tolerance: float,
    steps: int | None,
    log: bool,
    as_json: bool,
) -> None:
    """Say where two schedules differ, and draw both.

    The exit code is 0 if they are equal, and 1 if they differ: by default, if any rate differs in
    its last bit. Each step up to the end is compared, and some past it; of schedules that are
    longer than a million steps or never end, then the steps where their formulas change, and some
    between. What was compared is printed.
    """
    exactly(2, schedules)
    (name, a), (other, b) = schedules.items()
    found = difference(a, b, tolerance, steps)
    if as_json:
        click.echo(json.dumps(_data(schedules, found, tolerance), indent=2))
    elif found.first is None:
        click.echo(_equal(found, tolerance))
    else:
        echo_drawing({f"A: {name}": a, f"B: {other}": b}, steps, log=log)
        click.echo("\n".join(_lines(a, b, found, found.first, per_epoch)))
        if unit_of(name) != unit_of(other):
            click.echo(_units(name, other, per_epoch))
    if not as_json and not found.same:
        click.echo(_compared(found))
    ctx.exit(1 if found.first else 0)


def _equal(found: Difference, tolerance: float) -> str:
    if found.same:
        return "Equal: they are the same schedule."
    if found.rounding is None:
        return "Equal: no rate differs in any bit."
    step, x, y = found.rounding
    return (
        f"Equal to within {tolerance:g} of the highest rate: the largest difference is "
        f"{abs((x or 0.0) - (y or 0.0)):.3g}, at step {step:,}."
    )


def _lines(
    a: Schedule, b: Schedule, found: Difference, first: Place, per_epoch: int | None
) -> list[str]:
    largest = found.largest or first
    apart = f"A {_rate(largest.a)}, B {_rate(largest.b)}"
    if largest.a is not None and largest.b is not None:
        difference = abs(largest.a - largest.b)
        part = difference / found.scale if found.scale else 0.0
        apart = f"{difference:.6g}, {part:.3g} of the highest rate ({_both(largest)})"
    lines = [
        f"First:    {_at(first, per_epoch)}: {_both(first)}",
        f"Largest:  {_at(largest, per_epoch)}: {apart}",
        f"Length:   {_alike([_length(one) for one in (a, b)])}",
    ]
    if first.step >= min(a.steps, b.steps):
        ended = "both end" if a.steps == b.steps else f"{'A' if a.steps < b.steps else 'B'} ends"
        lines[0] += f"; equal until {ended}"
    ends = [_rate(_end(one)) if one.steps < math.inf else "none" for one in (a, b)]
    lines.append(f"End:      {_alike(ends)}")
    return lines + ([f"B is A {_relation(found.relation)}."] if found.relation else [])


def _units(name: str, other: str, per_epoch: int | None) -> str:
    """Return what to write where one schedule counts epochs."""
    by_epoch = name if unit_of(name) == "epoch" else other
    return (
        f"A counts {unit_of(name)}s, and B {unit_of(other)}s: to compare them by steps, write "
        f"'{by_epoch}().hold_each({per_epoch or 'STEPS'})'."
    )


def _alike(words: list[str]) -> str:
    return f"{words[0]}, both" if words[0] == words[1] else f"A {words[0]}, B {words[1]}"


def _length(schedule: Schedule) -> str:
    return f"{schedule.steps:,} steps" if schedule.steps < math.inf else "never ends"


def _end(schedule: Schedule) -> float:
    return schedule.final()


def _at(place: Place, per_epoch: int | None) -> str:
    epoch = f" (epoch {place.step / per_epoch:g})" if per_epoch else ""
    return f"step {place.step:,}{epoch}"


def _both(place: Place) -> str:
    """Return two rates that differ in as many digits as show it."""
    a, b = _rate(place.a), _rate(place.b)
    return f"A {a}, B {b}" if a != b else f"A {place.a!r}, B {place.b!r}"


def _rate(rate: float | None) -> str:
    return "has no rate" if rate is None else f"{rate:.6g}"


def _relation(relation: Relation) -> str:
    kind, by = relation
    if kind == "scaled":
        return f"times {by:.6g}"
    if kind == "shifted":
        steps = "a step" if abs(by) == 1 else f"{abs(by):,} steps"
        return f"{steps} {'later' if by > 0 else 'earlier'}"
    if kind == "held":
        return f"with each rate held for {by:g} steps"
    return f"stretched to {by:.6g} times its length"


def _compared(found: Difference) -> str:
    line = f"Compared: every step from 0 to {found.every:,}"
    return f"{line}, and {found.others:,} up to {found.last:,}" if found.others else line


def _data(schedules: dict[str, Schedule], found: Difference, tolerance: float) -> dict[str, Any]:
    sides = [
        {
            "name": name,
            "schedule": str(schedule),
            "unit": unit_of(name),
            "steps": schedule.steps if schedule.steps < math.inf else None,
            "end": _end(schedule) if schedule.steps < math.inf else None,
        }
        for name, schedule in schedules.items()
    ]
    largest = found.largest and found.largest._asdict()
    if largest and found.largest and None not in found.largest:
        apart = abs(largest["a"] - largest["b"])
        largest |= {"difference": apart, "relative": apart / found.scale if found.scale else 0.0}
    return {
        "equal": found.first is None,
        "same": found.same,
        "tolerance": tolerance,
        "a": sides[0],
        "b": sides[1],
        "first": found.first and found.first._asdict(),
        "largest": largest,
        "relation": found.relation and found.relation._asdict(),
        "compared": None
        if found.same
        else {"every_step_to": found.every, "others": found.others, "last": found.last},
    }
