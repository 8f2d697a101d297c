"""The command line: one command a file, each loaded when it is called."""

import os
import sys
from importlib import import_module
from typing import Any

import click

from glissando import __version__
from glissando.errors import ScheduleError, suggestion

COMMANDS = ("show", "plot", "table", "families", "cite", "demo")


class Failure(click.ClickException):
    """Bad input: a message and the exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """Commands that are imported when they are called, and what they have in common."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            ctx.fail(f"no command is called {cmd_name!r}{suggestion(cmd_name, COMMANDS)}")
        command: click.Command = import_module(f"glissando.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; say in one message, without a traceback, what it cannot do."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # it is a text file
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None
        except OSError as error:
            about = f"{error.filename}: {error.strerror}" if error.filename else error
            raise Failure(_line(about)) from error
        except (ImportError, ScheduleError, UnicodeError) as error:
            raise Failure(_line(error)) from error


@click.group(
    name="glissando",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: glissando show 'linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)'",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Learning-rate schedules: see them, save them, compare them.

    A SCHEDULE is a file (.json, .yaml, .toml), a recipe (keras_tip.one_cycle), or the text form in
    quotes, such as 'linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)'.
    """


def _line(message: object) -> str:
    return " ".join(str(message).split())
