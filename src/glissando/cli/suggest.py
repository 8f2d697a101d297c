"""The command `glissando suggest`."""

import json
from pathlib import Path
from typing import Any

import click

from glissando.cli.arguments import Steps
from glissando.cli.runs import repeated
from glissando.forecasting.suggest import suggest
from glissando.text import parse, save
from glissando.text.files import write_whole

Positive = click.FloatRange(min=0, min_open=True)


@click.command(epilog="Example: glissando suggest --optimizer adamw --steps 10000 -o rate.yaml")
@click.option("--optimizer", help="The optimizer, such as adamw or sgd.")
@click.option("--steps", type=Steps(1), help="The length of the run.  [default: it is open]")
@click.option("--peak", type=Positive, help="A peak that is known to be good.")
@click.option("--tuned-for", help="The schedule for which that is so, in its text form.")
@click.option("--limit", type=Positive, help="The largest stable rate; `glissando find` finds it.")
@click.option("--batch", type=Positive, help="How many samples an update takes.")
@click.option("--fine-tuning", is_flag=True, help="The model is trained already.")
@click.option(
    "--open", "open_ended", is_flag=True, help="The length is a guess, and the end is open."
)
@click.option("--json", "as_json", is_flag=True, help="Print schedule, reasons and doubts as JSON.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A file to write: the schedule as .json, .yaml, .yml or .toml, or a page as .html.",
)
def command(
    tuned_for: str | None, fine_tuning: bool, as_json: bool, output: Path | None, **known: Any
) -> None:
    """Suggest a schedule from what is known, with the evidence for each choice.

    All can be left out: what is not known is replaced by a rule of thumb, and the doubts say so.
    """
    found = suggest(
        **known,
        tuned_for=parse(tuned_for) if tuned_for else None,
        task="fine-tuning" if fine_tuning else "training",
    )
    if output and output.suffix == ".html":
        from glissando.forecasting.page import suggestion_page

        write_whole(output, suggestion_page(found, repeated()).encode())
    elif output:
        save(found.schedule, output)
    click.echo(json.dumps(found.to_data(), indent=2, ensure_ascii=False) if as_json else found)
    if output and not as_json:
        click.echo(f"\nWrote {output}")
