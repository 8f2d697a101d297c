"""Writes the reference pages from what the code says of itself.

A page for each family, each combinator and each recipe, and one for the command line: a new one
is in the documentation without a word written here.
"""

import ast
import inspect
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from doctest import DocTestParser
from html import escape
from pathlib import Path
from typing import Any

import click

import glissando as gl
from glissando.cli import main
from glissando.combinators.combinator import Combinator
from glissando.picture.sample import last_step, sample
from glissando.rules import ScheduleError
from glissando.schedule import Schedule
from glissando.trace import formula


def generate(folder: Path) -> None:
    """Write all generated pages into `folder`, in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, pages in {"families": families(), "recipes": recipes()}.items():
        (folder / name).mkdir(parents=True)
        for page, text in pages.items():
            (folder / name / f"{page}.md").write_text(text)
    (folder / "command-line.md").write_text(command_line())


def families() -> dict[str, str]:
    """Return the pages of the families and combinators, and their index."""
    kinds: dict[str, dict[str, type[Schedule]]] = {"Families": {}, "Combinators": {}}
    for tag, family in sorted(gl.FAMILIES.items()):
        kinds["Combinators" if issubclass(family, Combinator) else "Families"][tag] = family
    words = {
        "Families": "A family is one closed formula.",
        "Combinators": "A combinator is a schedule made of schedules.",
    }
    index = ["# Families and combinators"]
    pages = {}
    for kind, members in kinds.items():
        cards = []
        for tag, family in members.items():
            example = first_made(family, lambda value, family=family: type(value) is family)
            pages[tag] = family_page(family, example)
            cards.append(card(tag, family.__name__, family, example))
        index += [f"## {kind}", words[kind], gallery(cards), toctree(members)]
    return pages | {"index": joined(index)}


def family_page(family: type[Schedule], example: Schedule) -> str:
    """Return the page of one family or combinator."""
    return joined(
        [
            f"# {family.__name__}",
            f"```{{eval-rst}}\n.. autoclass:: glissando.{family.__name__}\n```",
            *formula_section(family),
            *forms(example),
        ]
    )


def formula_section(family: type[Schedule]) -> list[str]:
    """Return the formula as the code computes it; a combinator's docstring says what it does."""
    if issubclass(family, Combinator):
        return []
    ends = "steps" in family.rules and "end" in family.rules
    where = r" \qquad 0 \le t < \mathrm{steps}" if ends else ""
    return ["## Formula", f"```{{math}}\n{formula(family)}{where}\n```"]


def recipes() -> dict[str, str]:
    """Return the pages of the recipes, and their index."""
    pages = {}
    cards = []
    for name, recipe in sorted(gl.recipes.RECIPES.items()):
        example = first_made(recipe, lambda value: isinstance(value, Schedule))
        pages[name] = joined(
            [
                f"# {name}",
                f"```{{eval-rst}}\n.. autofunction:: glissando.recipes.{name}\n```",
                *forms(example),
                *citations(name),
            ]
        )
        cards.append(card(name, name, recipe, example))
    index = [
        "# Recipes",
        "A recipe is a published schedule, built from families, with its citation. In Python it "
        "is a function in `gl.recipes`; in a file name, a text form or on the command line it is "
        "known by its name.",
        gallery(cards),
        toctree(pages),
    ]
    return pages | {"index": joined(index)}


def citations(name: str) -> list[str]:
    """Return the section with a recipe's BibTeX entries, if it has any."""
    entries = gl.recipes.citation(name)
    return ["## Citation", *(f"```bibtex\n{entry}\n```" for entry in entries)] if entries else []


def forms(example: Schedule) -> list[str]:
    """Return a schedule's picture and its forms: Python, text and JSON."""
    return [
        "## Picture",
        f"```{{raw}} html\n{svg(example)}\n```",
        f"```python\n{example!r}\n```",
        "## In text and JSON",
        f"```text\n{example}\n```",
        f"```json\n{gl.dumps(example)}\n```",
    ]


def command_line() -> str:
    """Return the page that says what each command's --help says."""
    context = click.Context(main, info_name="glissando")
    page = [
        "# Command line",
        f"```text\n{main.get_help(context)}\n```",
        "A schedule argument is a file (`.json`, `.yaml`, `.toml`), the name of a "
        "[recipe](recipes/index.md), or a [text form](../files.md) in quotes. The exit code is 0 "
        "when all is fine, 1 when a check found a difference, and 2 for bad usage or input, with "
        "one message on standard error.",
    ]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        inner = click.Context(command, info_name=name, parent=context)
        page += [f"## glissando {name}", f"```text\n{command.get_help(inner)}\n```"]
    return joined(page)


def first_made(documented: Any, wanted: Callable[[Any], bool]) -> Schedule:
    """Return the first schedule that the example in a docstring makes."""
    names = dict(vars(sys.modules[documented.__module__]))
    for example in DocTestParser().get_examples(inspect.getdoc(documented) or ""):
        tree = ast.parse(example.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call | ast.BinOp):
                value = eval(compile(ast.Expression(node), "example", "eval"), names)
                if wanted(value):
                    return value
        exec(compile(tree, "example", "exec"), names)
    raise ScheduleError(f"{documented.__name__}: its docstring has no example that makes one")


def card(page: str, title: str, documented: Any, example: Schedule) -> str:
    """Return what the index shows of a page: a picture, the name, and the docstring's summary."""
    summary = escape((inspect.getdoc(documented) or "").splitlines()[0])
    summary = re.sub("`(.+?)`", r"<code>\1</code>", summary)
    return (
        f'<a href="{page}.html">{svg(example, ticks=False)}'
        f"<b>{escape(title)}</b><span>{summary}</span></a>"
    )


def svg(schedule: Schedule, *, ticks: bool = True) -> str:
    """Return a schedule's curve as inline SVG in the color of the text around it."""
    last = last_step([schedule])
    steps, rates = sample(schedule, last)
    top = max(rates) or 1.0
    left, width, height = (70, 600, 200) if ticks else (2, 160, 60)
    x = [left + width * step / max(last, 1) for step in steps]
    y = [10 + height * (1 - rate / top) for rate in rates]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    bottom = 10 + height
    marks = [f'<polyline points="{points}" fill="none" stroke-width="2"/>']
    if ticks:
        if len(steps) <= 60:
            marks += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in zip(x, y, strict=True)]
        marks += [
            f'<path class="axis" d="M{left},10 V{bottom} H{left + width}" fill="none"/>',
            f'<text x="{left - 8}" y="15" text-anchor="end">{top:g}</text>',
            f'<text x="{left - 8}" y="{bottom}" text-anchor="end">0</text>',
            f'<text x="{left}" y="{bottom + 20}" text-anchor="middle">0</text>',
            f'<text x="{left + width}" y="{bottom + 20}" text-anchor="end">step {last}</text>',
        ]
    box = f"0 0 {left + width + 10} {bottom + (26 if ticks else 4)}"
    return f'<svg class="curve" viewBox="{box}" role="img">{"".join(marks)}</svg>'


def gallery(cards: list[str]) -> str:
    """Return cards side by side."""
    return "```{raw} html\n" + f'<div class="gallery">{"".join(cards)}</div>' + "\n```"


def toctree(pages: Mapping[str, object]) -> str:
    """Return a table of contents for the sidebar alone."""
    return "\n".join(["```{toctree}", ":hidden:", "", *pages, "```"])


def joined(blocks: list[str]) -> str:
    """Return a page made of blocks."""
    return "\n\n".join(blocks) + "\n"
