"""The command `glissando show`."""

import json
import math

import click

from glissando.checks.lint import lint
from glissando.cli.arguments import Steps, epochs, schedules
from glissando.cli.drawing import echo_drawing, log_axis
from glissando.picture.landmarks import Landmark, Landmarks, landmarks
from glissando.recipes.registry import unit_of
from glissando.schedule import Schedule


@click.command(
    epilog="Example: glissando show 'linear(0, 1e-3, steps=5) >> exponential(1e-3, 0.1)'"
)
@schedules
@epochs
@click.option("--steps", type=Steps(1), help="Draw this many steps.  [default: to the end]")
@log_axis
@click.option("--json", "as_json", is_flag=True, help="Print the landmarks as JSON.")
def command(
    schedules: dict[str, Schedule],
    per_epoch: int | None,
    steps: int | None,
    log: bool,
    as_json: bool,
) -> None:
    """Draw schedules in the terminal and print their landmarks.

    Landmarks are the first step, the corners, and the end; their rates follow the drawing, with
    their epochs if it is known how many steps one has. What is probably a mistake, such as a first
    update at rate 0, is noted below them.
    """
    if as_json:
        found = {name: _data(name, schedule, per_epoch) for name, schedule in schedules.items()}
        click.echo(json.dumps(found, indent=2))
        return
    echo_drawing(schedules, steps, log=log)
    for name, schedule in schedules.items():
        table = _table(landmarks(schedule), unit_of(name), per_epoch)
        notes = [f"  note: {finding.message}" for finding in lint(schedule)]
        click.echo("\n".join([name, *table, *notes, ""]))


def _table(found: Landmarks, unit: str, per_epoch: int | None) -> list[str]:
    """Return the rows of landmarks: their step, their epoch where that is known, and their rate."""
    rows = [
        (*_when(mark, unit, per_epoch), f"{mark.rate:.6g}", _note(mark)) for mark in found.first
    ]
    blank = ("",) * (2 if per_epoch else 1)
    if found.more:
        more = "more corners" if found.more == math.inf else f"{found.more} more"
        rows.append(("...", *blank[1:], "", more))
    if found.end:
        end = _when(found.end, unit, per_epoch)
        rows.append((*end, f"{found.end.rate:.6g}", "the end: this rate holds"))
    else:
        rows.append((*blank, "", "never ends"))
    counted = [unit, *(["step" if unit == "epoch" else "epoch"] if per_epoch else [])]
    rows.insert(0, (*counted, "rate", f"counted in {unit}s" if unit == "epoch" else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(counted))]
    lines = []
    for *when, rate, note in rows:
        cells = [cell.rjust(width) for cell, width in zip(when, widths, strict=True)]
        lines.append("  ".join(["", *cells, f"{rate:<13}{note}"]).rstrip())
    return lines


def _when(mark: Landmark, unit: str, per_epoch: int | None) -> tuple[str, ...]:
    """Return when a landmark is, in its schedule's unit, and in the other one if that is known."""
    if not per_epoch:
        return (f"{mark.step:,}",)
    other = mark.step * per_epoch if unit == "epoch" else mark.step / per_epoch
    return (f"{mark.step:,}", f"{other:,}" if unit == "epoch" else f"{other:g}")


def _note(mark: Landmark) -> str:
    return "" if mark.jump_from is None else f"jumps from {mark.jump_from:.6g}"


def _data(name: str, schedule: Schedule, per_epoch: int | None) -> dict[str, object]:
    found = landmarks(schedule)
    marks = [mark._asdict() for mark in (*found.first, *([found.end] if found.end else []))]
    unit = unit_of(name)
    for mark in marks if per_epoch and unit == "step" else ():
        mark["epoch"] = mark["step"] / per_epoch
    return {
        "schedule": str(schedule),
        "unit": unit,
        "steps": None if schedule.steps == math.inf else schedule.steps,
        "landmarks": marks,
        "more_corners": None if found.more == math.inf else found.more,
        "findings": [finding.to_data() for finding in lint(schedule)],
    }
