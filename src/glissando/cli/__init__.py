"""The command line: one command a file, each loaded when it is called."""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from glissando import __version__
from glissando.errors import ScheduleError, suggestion
from glissando.interrupt import EXIT_CODE, interruptible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = (
    "show", "plot", "table", "diff", "check", "convert", "infer", "families", "cite", "find",
    "forecast", "cooldown", "suggest", "study", "design", "demo", "completion",
)  # fmt: skip

COMPLETE = "_GLISSANDO_COMPLETE"
"""The variable by which a shell asks what Tab completes."""

EXTRAS = {"study": "study", "demo": "demo", **dict.fromkeys(("check", "convert", "infer"), "audit")}
"""What to install for a command whose packages are missing; for others what forecasts need."""


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
        if cmd_name not in COMMANDS and ctx.resilient_parsing:  # a shell completes
            return None
        if cmd_name not in COMMANDS:
            ctx.fail(f"no command is called {cmd_name!r}{suggestion(cmd_name, COMMANDS)}")
        command: click.Command = import_module(f"glissando.cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands that begin so: none is loaded for that."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; say in one message, without a traceback, what it cannot do."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # it is a text file
        try:
            with interruptible():
                super().invoke(ctx)
                sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough
            _let_go()
        except KeyboardInterrupt:
            raise click.exceptions.Exit(EXIT_CODE) from None
        except OSError as error:
            about = f"{error.filename}: {error.strerror}" if error.filename else error
            raise Failure(_line(about)) from error
        except ModuleNotFoundError as error:
            extra = EXTRAS.get(ctx.invoked_subcommand or "", "forecast")
            how = f'needs {error.name}: pip install "glissando[{extra}]"'
            raise Failure(f"glissando {ctx.invoked_subcommand} {how}") from error
        except (ImportError, ScheduleError, UnicodeError) as error:
            raise Failure(_line(error)) from error

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the program; what it prints before it knows a command is written as well."""
        if sys.stdout is None:  # it was closed before the program began
            _let_go()
        if COMPLETE in os.environ:
            import_module("glissando.cli.completion")  # it knows how bash quotes
        try:
            try:
                return super().main(*arguments, **{"complete_var": COMPLETE, **options})
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            _let_go()
        except OSError as error:
            _let_go()
            click.echo(f"Error: {error}", err=True)
            sys.exit(Failure.exit_code)


def _let_go() -> None:
    """Let what is still to be printed go nowhere."""
    nowhere = open(os.devnull, "w")  # noqa: SIM115  # for as long as the program runs
    if sys.stdout is None:
        sys.stdout = nowhere
    else:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@click.group(
    name="glissando",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: glissando show 'linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)'",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Learning-rate schedules: see them, save them, compare them.

    A SCHEDULE is a file (.json, .yaml, .toml) or a key of one (train.yaml:optimizer.lr), the
    configuration of a framework's training, a recipe (keras_tip.one_cycle), or the text form in
    quotes, such as 'linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)' or
    'torch.StepLR(30, lr=0.1)'.
    """


def _line(message: object) -> str:
    return " ".join(str(message).split())
