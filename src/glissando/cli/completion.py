"""The command `glissando completion`, and how it is in bash."""

import os
import re

import click
from click.shell_completion import (
    BashComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
)
from click.shell_completion import split_arg_string as split

SHELLS = ("bash", "zsh", "fish")

BASH = r"""%(complete_func)s() {
    mapfile -t COMPREPLY < <(
        COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="$2" %(complete_var)s=bash_complete "$1" \
            2> /dev/null
    )
    [[ $COMPREPLY ]] || COMPREPLY=()
    # what is to go on is followed by no space
    [[ ${#COMPREPLY[@]} == 1 && $COMPREPLY == *[\(./:=] ]] && compopt -o nospace
}

complete -o default -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class Bash(BashComplete):
    """Bash, whose words end at `:`, `=` and brackets, and where a text form needs quotes."""

    source_template = BASH

    def complete(self) -> str:
        """Return what the word at the cursor may be, each on a line."""
        line, word = os.environ["COMP_LINE"], os.environ["COMP_WORD"]
        words, quoted = split(line), bool(_open_quote(line))
        if not quoted and (not line or line[-1].isspace()):
            words.append("")
        found = self.get_completions(words[1:-1], words[-1])
        if any(item.type != "plain" for item in found):
            return ""  # bash completes files of any kind by itself
        texts = [str(item.value) for item in found]
        if len(found) == 1 and texts[0].endswith("(") and quoted:
            texts.append(texts[0] + str(found[0].help)[1:])  # or bash would close the quote
        # what bash takes for the beginning of the argument stays as it is
        kept = len(words[-1]) - len(word) if words[-1].endswith(word) else 0
        needs_quotes = not quoted and all(re.search(r"[^\w@%+=:,./-]", text) for text in texts)
        return "\n".join(("'" if needs_quotes else "") + text[kept:] for text in texts)


@add_completion_class
class Zsh(ZshComplete):
    """Zsh, in which only an option is followed by a space: a schedule may go on."""

    source_template = ZshComplete.source_template.replace(
        "completions_with_descriptions -U",
        'completions_with_descriptions -U -S "${${(M)words[CURRENT]#-}:+ }"',
    )


def _open_quote(line: str) -> str:
    """Return the quote that is open at the end of a line."""
    quote = ""
    for sign in re.sub(r"\\.", "", line):
        if sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
    return quote


@click.command(
    epilog="""\b
Example: glissando completion bash >> ~/.bashrc
         glissando completion zsh >> ~/.zshrc
         glissando completion fish > ~/.config/fish/completions/glissando.fish
"""
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what lets Tab complete commands, options and schedules in a shell.

    Append it to the shell's start-up file, and open a new terminal. Tab then completes families and
    recipes, the schedules of a framework that is named (torch.), their arguments, files, and the
    keys of a file (train.yaml:).
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click has all three
    complete = kind(click.Group(), {}, "glissando", "_GLISSANDO_COMPLETE")
    click.echo(complete.source())
