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
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main
from glissando.combinators.base import Combinator
from glissando.errors import ScheduleError
from glissando.families.function import OwnFunction
from glissando.languages.latex import formula
from glissando.picture.sample import last_step, sample
from glissando.schedule import Schedule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


def generate(folder: Path) -> None:
    """Write all generated pages into `folder`, in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    made = {"families": families(), "recipes": recipes(), "dialects": dialects()}
    for name, pages in made.items():
        (folder / name).mkdir(parents=True)
        for page, text in pages.items():
            (folder / name / f"{page}.md").write_text(text)
    (folder / "command-line.md").write_text(command_line())
    (folder / "disagreements.md").write_text(disagreements(ROOT / "docs" / "disagreements.toml"))
    (folder / "pains.md").write_text(pains(ROOT / "docs" / "pains.toml", ROOT / "tests"))


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


def dialects() -> dict[str, str]:
    """Return the pages of the dialects: what their functions say of themselves."""
    pages = {}
    for peer in gl.dialects.PEERS:
        members = vars(getattr(gl.dialects, peer)).items()
        functions = sorted(n for n, v in members if n[0] != "_" and hasattr(v, "__wrapped__"))
        directive = [
            f"```{{eval-rst}}\n.. automodule:: glissando.dialects.{peer}",
            f"   :members: {', '.join(functions)}",
            "   :imported-members:\n```",
        ]
        pages[peer] = joined([f"# gl.dialects.{peer}", "\n".join(directive)])
    return pages


def family_page(family: type[Schedule], example: Schedule) -> str:
    """Return the page of one family or combinator."""
    return joined(
        [
            f"# {family.__name__}",
            f"```{{eval-rst}}\n.. autoclass:: glissando.{family.__name__}\n```",
            *([] if issubclass(family, OwnFunction) else formula_section(family)),
            *forms(example),
        ]
    )


def formula_section(family: type[Schedule]) -> list[str]:
    """Return the formula as the code computes it, a combinator's parts as letters."""
    ends = "steps" in family.fields and "end" in family.fields
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
        "is a function in `gl.recipes`; a [text form](../../files.md) and the "
        "[command line](../command-line.md) know it by its name.",
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


def pains(listed: Path, tests: Path) -> str:
    """Return what users suffer from elsewhere, each with the tests that prove it gone."""
    told = tomllib.loads(listed.read_text())
    proofs = pain_tests(tests)
    page = []
    for section in told["section"].values():
        page += [f"### {section.pop('title')}"]
        for number, pain in section.items():
            proof = [f"- `{test}`" for test in proofs.get(int(number), [])]
            why = told["why"].get(number, "")
            if not proof and not why:
                raise ValueError(f"pain {number} has neither a test nor a reason")
            page += [f"**{number}. {pain}** {why}".rstrip(), *(["\n".join(proof)] if proof else [])]
    return joined(page)


def disagreements(listed: Path) -> str:
    """Return the curves that frameworks give one name to, in a picture and in numbers."""
    page = [
        "# Where frameworks disagree",
        "One name, and other curves: here are those of every framework that has the name, as its "
        "dialect has them in [`gl.dialects`](../dialects.md). The tests hold them to the rates "
        "that the frameworks themselves train with. A dash is a step at which the framework "
        "raises, or has a rate below 0.",
    ]
    for topic in tomllib.loads(listed.read_text()).values():
        steps = max(len(rates.split()) for _, rates in topic["curves"])
        made = {call: called(call) for call, _ in topic["curves"]}
        curves = {call: [rate_at(s, step) for step in range(steps)] for call, s in made.items()}
        head = ["step", *map(str, range(steps))]
        rows = [
            [f'<span class="key line-{i % 8}"></span> `{call}`', *map(shown, rates)]
            for i, (call, rates) in enumerate(curves.items())
        ]
        table = ["|".join(row) for row in (head, ["---"] * len(head), *rows)]
        picture = f"```{{raw}} html\n{compared(list(curves.values()))}\n```"
        page += [f"## {topic['title']}", topic["text"], picture, "\n".join(f"|{r}|" for r in table)]
    return joined(page)


def called(call: str) -> Schedule:
    """Return the schedule that a call in a file of ours makes; a plateau hears one metric only."""
    peers = {peer: getattr(gl.dialects, peer) for peer in gl.dialects.PEERS}
    made: Any = eval(call, {"gl": gl} | peers)
    made = made["lr"] if isinstance(made, Mapping) else made
    if isinstance(made, Schedule):
        return made
    states = [made.init()]
    for _ in range(20):
        states.append(made.update(states[-1], 1.0))
    return gl.schedule(lambda step: states[step].factor)


def rate_at(schedule: Schedule, step: int) -> float | None:
    """Return the rate at a step; None if the schedule raises there."""
    try:
        return schedule(step)
    except ScheduleError:
        return None


def shown(rate: float | None) -> str:
    """Return a rate as the tables have it."""
    return "–" if rate is None else f"{rate:.3g}"


def compared(curves: list[list[float | None]]) -> str:
    """Return curves as one inline SVG, a color each, dotted at the steps."""
    top = max(rate for curve in curves for rate in curve if rate is not None) or 1.0
    width, height = 600, 180
    marks = []
    for i, curve in enumerate(curves):
        points = [
            (12 + (width - 24) * step / (len(curve) - 1), 12 + height * (1 - rate / top))
            for step, rate in enumerate(curve)
            if rate is not None
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points)
        path = f'<polyline points="{line}" fill="none" stroke-width="2"/>'
        marks.append(f'<g class="line-{i % 8}">{path}{dots}</g>')
    bottom = height + 12
    axis = f'<path class="axis" d="M4,4 V{bottom} H{width}" fill="none"/>'
    return (
        f'<svg class="curve" viewBox="0 0 {width} {bottom + 8}" role="img">{axis}'
        f"{''.join(marks)}</svg>"
    )


def pain_tests(folder: Path) -> dict[int, list[str]]:
    """Return the tests by the number of the pain in their names."""
    found: dict[int, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for name, number in re.findall(r"^def (test_pain_(\d\d)_\w+)", path.read_text(), re.M):
            where = path.relative_to(folder).as_posix()
            found.setdefault(int(number), []).append(f"{where}::{name}")
    return found


def help_of(*command: str) -> str:
    """Return a block with what a command prints for --help."""
    runner = CliRunner(catch_exceptions=False)
    result = runner.invoke(main, [*command, "--help"], prog_name="glissando")
    return f"```text\n{result.output}```"


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
    title = re.sub("[._]", r"\g<0><wbr>", title)  # where a long name may be broken
    return (
        f'<a href="{page}.html">{svg(example, ticks=False)}<b>{title}</b><span>{summary}</span></a>'
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
            marks += [
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in zip(x, y, strict=True)
            ]
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
