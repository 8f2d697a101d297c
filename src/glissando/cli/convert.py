"""The command `glissando convert`."""

from collections.abc import Callable
from pathlib import Path

import click

from glissando.cli.arguments import Steps, exactly, new_file, schedules
from glissando.cli.configurations import configured
from glissando.convert.write import targets, write
from glissando.languages.source import source
from glissando.schedule import Schedule
from glissando.text.files import document, write_whole
from glissando.text.formats import FORMATS


def _written(suffix: str) -> Callable[[Schedule], str]:
    return lambda schedule: FORMATS[suffix].write(document(schedule))


def _program(language: str) -> Callable[[Schedule], str]:
    return lambda schedule: source(schedule, language) + "\n"


FORMS: dict[str, Callable[[Schedule], str]] = {
    "json": _written(".json"),
    "yaml": _written(".yaml"),
    "toml": _written(".toml"),
    "text": lambda schedule: f"{schedule}\n",
    "glissando": lambda schedule: f"import glissando as gl\n\nrate = {schedule!r}\n",
    **{language: _program(language) for language in ("javascript", "latex")},
}
"""What a schedule can be written as, without a certificate."""

TARGETS = (*FORMS, *targets())
"""What a schedule can be written as."""

SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".txt": "text"}
SUFFIXES |= {".js": "javascript", ".tex": "latex"}
"""What a file is written as by default. A .py file could be of several."""


@click.command(epilog="Example: glissando convert 'torch.StepLR(30, lr=0.1)' -o rate.yaml")
@schedules
@configured(Steps(1))
@click.option("--to", "target", type=click.Choice(TARGETS), help="What to write it as.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write, as its suffix says: .json, .yaml, .toml, .txt, .js or .tex; of any "
    "other, --to says it.  [default: print it]",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Run the framework that it is written for, and compare its rates with the schedule's.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(
    schedules: dict[str, Schedule],
    target: str | None,
    output: Path | None,
    verify: bool,
    force: bool,
) -> None:
    """Write a schedule as a file, as code, or as a framework's configuration.

    It may be given in any form: another framework's call becomes a YAML file, a file becomes code
    of the framework's own classes or that needs nothing but its operations. Above code and
    configurations stands how they were compared with the schedule; one that cannot say it is
    refused.
    """
    exactly(1, schedules)
    (schedule,) = schedules.values()
    target = target or (SUFFIXES.get(output.suffix.lower()) if output else None)
    if target is None:
        raise click.UsageError(f"say what to write it as: --to {'|'.join(TARGETS)}")
    if target in FORMS and verify:
        raise click.UsageError(f"--verify runs a framework, and {target} is none")
    content = written_as(schedule, target, verify)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_whole(new_file(output, force), content.encode())
        click.echo(f"Wrote {output}")


def written_as(schedule: Schedule, target: str, verify: bool = False) -> str:
    """Return what a schedule is written as; a certificate that is not in it is shown beside it."""
    if target in FORMS:
        return FORMS[target](schedule)
    written = write(schedule, target, verify=verify)
    if not written.certified:
        click.echo(str(written.certificate), err=True)
    return written.text
