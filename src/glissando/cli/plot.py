"""The command `glissando plot`."""

from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import Steps, epochs, schedules
from glissando.cli.drawing import log_axis
from glissando.recipes.registry import unit_of
from glissando.schedule import Schedule


@click.command(epilog="Example: glissando plot keras_tip -o chart.html")
@schedules
@epochs
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write: .html works offline in any browser; .svg, .pdf and .png are sized for "
    "a paper.",
)
@click.option("--title", help='The title.  [default: "Learning Rate over time (step)"]')
@click.option(
    "--unit",
    type=click.Choice(["step", "epoch"]),
    help="What a step is.  [default: what the recipes count, else step]",
)
@click.option("--steps", type=Steps(1), help="Draw this many steps.  [default: to the end]")
@log_axis
@click.option(
    "--logged",
    type=click.Path(path_type=Path, exists=True),
    metavar="RUN",
    help="What a run has logged, as dots over the plan: CSV, JSON lines, trainer_state.json or "
    "TensorBoard's event files.",
)
def command(
    schedules: dict[str, Schedule],
    output: Path,
    title: str | None,
    unit: str | None,
    logged: Path | None,
    **options: Any,
) -> None:
    """Draw schedules as a chart in a file.

    A schedule that never ends is drawn as far as the others, or until its shape is seen.
    """
    from glissando.picture import backend_for, plot, save

    if unit is None:
        units = {unit_of(name) for name in schedules}
        unit = units.pop() if len(units) == 1 else "step"
    if logged is not None:
        from glissando.logs.read import read_curve

        options["logged"] = read_curve(logged)
    figure = plot(
        schedules,
        title=title,
        unit=unit,
        backend=backend_for(output),
        **options,
    )
    save(figure, output)
    click.echo(f"Wrote {output}")
