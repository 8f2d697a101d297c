"""The command `glissando table`."""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any

import click

from glissando.cli.arguments import Steps, schedules
from glissando.picture.sample import last_step
from glissando.schedule import Schedule


@click.command(epilog="Example: glissando table keras_tip.one_cycle --to 30 --every 5")
@schedules
@click.option("--from", "low", type=Steps(0), default=0, help="The first step.  [default: 0]")
@click.option("--to", "high", type=Steps(0), help="The last step.  [default: where charts end]")
@click.option("--every", type=Steps(1), default=1, help="Print every n-th step.  [default: 1]")
@click.option("--csv", "form", flag_value="csv", help="Print values separated by commas.")
@click.option("--json", "form", flag_value="json", help="Print a JSON list of objects.")
def command(
    schedules: dict[str, Schedule], low: int, high: int | None, every: int, form: str | None
) -> None:
    """Print the rates of schedules step by step.

    Rates are printed in full: read back, they are the same floats.
    """
    if high is None:
        high = last_step(schedules.values())
    names = ["step", *(["rate"] if len(schedules) == 1 else schedules)]
    steps = range(low, high + 1, every)
    rows = ([step, *(schedule(step) for schedule in schedules.values())] for step in steps)
    if form == "json":
        sys.stdout.writelines(_json(names, rows))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows(chain([names], rows))
    else:
        sys.stdout.writelines(_aligned(names, rows, len(str(high))))


def _json(names: list[str], rows: Iterator[list[float]]) -> Iterator[str]:
    separator = "["
    for row in rows:
        yield separator + json.dumps(dict(zip(names, row, strict=True)))
        separator = ",\n "
    yield "[]\n" if separator == "[" else "]\n"


def _aligned(names: list[str], rows: Iterator[list[Any]], digits: int) -> Iterator[str]:
    first = max(digits, len("step"))
    widths = [max(len(name), 22) for name in names[1:]]
    for step, *rates in chain[list[Any]]([names], rows):
        cells = [str(rate).ljust(width) for rate, width in zip(rates, widths, strict=True)]
        yield "  ".join([str(step).rjust(first), *cells]).rstrip() + "\n"
