"""The command `glissando plot`."""

from pathlib import Path

import click

from glissando.cli.arguments import Steps, schedules
from glissando.recipes.registry import unit_of
from glissando.schedule import Schedule


@click.command(epilog="Example: glissando plot keras_tip -o chart.html")
@schedules
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write: .html works offline in any browser; .png, .svg and .pdf need Chrome "
    "or Chromium.",
)
@click.option("--title", help='The title.  [default: "Learning Rate over time (step)"]')
@click.option(
    "--unit",
    type=click.Choice(["step", "epoch"]),
    help="What a step is.  [default: what the recipes count, else step]",
)
@click.option("--steps", type=Steps(1), help="Draw this many steps.  [default: to the end]")
def command(
    schedules: dict[str, Schedule],
    output: Path,
    title: str | None,
    unit: str | None,
    steps: int | None,
) -> None:
    """Draw schedules as a chart in a file.

    A schedule that never ends is drawn as far as the others, or until its shape is seen.
    """
    from glissando.picture import plot, save

    if unit is None:
        units = {unit_of(name) for name in schedules}
        unit = units.pop() if len(units) == 1 else "step"
    save(plot(schedules, title=title, unit=unit, steps=steps), output)
    click.echo(f"Wrote {output}")
