"""The command `glissando show`."""

import json
import math
import os
import shutil
import sys

import click

from glissando.audit.lint import Finding, lint
from glissando.cli.arguments import Steps, schedules
from glissando.picture.landmarks import Landmark, Landmarks, landmarks
from glissando.schedule import Schedule


@click.command(
    epilog="Example: glissando show 'linear(0, 1e-3, steps=5) >> exponential(1e-3, 0.1)'"
)
@schedules
@click.option("--steps", type=Steps(1), help="Draw this many steps.  [default: to the end]")
@click.option("--json", "as_json", is_flag=True, help="Print the landmarks as JSON.")
def command(schedules: dict[str, Schedule], steps: int | None, as_json: bool) -> None:
    """Draw schedules in the terminal and print their landmarks.

    Landmarks are the first step, the corners, and the end; their rates follow the drawing. What is
    probably a mistake, such as a first update at rate 0, is noted below them.
    """
    if as_json:
        found = {name: _data(schedule) for name, schedule in schedules.items()}
        click.echo(json.dumps(found, indent=2))
        return
    from glissando.picture.figure import points_of
    from glissando.picture.terminal import draw

    width = min(max(shutil.get_terminal_size().columns, 40), 120)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    drawing = draw(points_of(schedules, steps), width, color=color, unicode=_unicode())
    click.echo(drawing, color=color)
    for name, schedule in schedules.items():
        click.echo(f"{name}\n{_text(landmarks(schedule), lint(schedule))}")


def _unicode() -> bool:
    try:
        "⣿┤".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _text(found: Landmarks, findings: list[Finding]) -> str:
    rows = [(f"{mark.step:,}", f"{mark.rate:.6g}", _note(mark)) for mark in found.first]
    if found.more:
        rows.append(("...", "", "more corners" if found.more == math.inf else f"{found.more} more"))
    if found.end:
        rows.append((f"{found.end.step:,}", f"{found.end.rate:.6g}", "the end: this rate holds"))
    else:
        rows.append(("", "", "never ends"))
    width = max(len(step) for step, _, _ in rows)
    lines = [f"  {step:>{width}}  {rate:<13}{note}" for step, rate, note in rows]
    notes = [f"  note: {finding.message}" for finding in findings]
    return "\n".join(
        ["  " + "step".rjust(width) + "  rate", *(line.rstrip() for line in lines), *notes, ""]
    )


def _note(mark: Landmark) -> str:
    return "" if mark.jump_from is None else f"jumps from {mark.jump_from:.6g}"


def _data(schedule: Schedule) -> dict[str, object]:
    found = landmarks(schedule)
    marks = [*found.first, *([found.end] if found.end else [])]
    return {
        "schedule": str(schedule),
        "steps": None if schedule.steps == math.inf else schedule.steps,
        "landmarks": [mark._asdict() for mark in marks],
        "more_corners": None if found.more == math.inf else found.more,
        "findings": [finding.to_data() for finding in lint(schedule)],
    }
