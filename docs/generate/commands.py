"""The page of the command line: what each command says of itself."""

import click
from click.testing import CliRunner

from generate.markdown import joined
from glissando.cli import main


def command_line() -> str:
    """Return the page that says what each command's --help says."""
    page = [
        "# Command line",
        help_of(),
        "A schedule argument is a file (`.json`, `.yaml`, `.toml`), the name of a "
        "[recipe](recipes/index.md), or a [text form](../files.md) in quotes. The exit code is 0 "
        "when all is fine, 1 where `diff` finds a difference, and 2 for bad usage or input, with "
        "one message on standard error. [In the terminal](../terminal.md) shows what to do.",
    ]
    for name in main.list_commands(click.Context(main)):
        page += [f"## glissando {name}", help_of(name)]
    return joined(page)


def help_of(*command: str) -> str:
    """Return a block with what a command prints for --help."""
    runner = CliRunner(catch_exceptions=False)
    result = runner.invoke(main, [*command, "--help"], prog_name="glissando")
    return f"```text\n{result.output}```"
