"""The pages of families, combinators, recipes and dialects, from what they say of themselves."""

from collections.abc import Mapping
from typing import Any

from docstrings import example_of

import glissando as gl
from generate.drawing import svg
from generate.markdown import design_link, joined, summary, toctree
from glissando.combinators.base import Combinator
from glissando.families.function import OwnFunction
from glissando.languages.latex import formula
from glissando.schedule import Schedule


def families() -> dict[str, str]:
    """Return the pages of the families and combinators, and their index."""
    words = {
        "Families": "A family is one closed formula.",
        "Combinators": "A combinator is a schedule made of schedules.",
    }
    index = ["# Families and combinators", "The [gallery](../gallery.md) shows their curves."]
    pages = {}
    for kind, members in kinds().items():
        pages |= {tag: family_page(family) for tag, family in members.items()}
        names = {tag: family.__name__ for tag, family in members.items()}
        index += [f"## {kind}", words[kind], listed(names, members), toctree(members)]
    return pages | {"index": joined(index)}


def kinds() -> dict[str, dict[str, type[Schedule]]]:
    """Return the families and the combinators, each by its tag."""
    found: dict[str, dict[str, type[Schedule]]] = {"Families": {}, "Combinators": {}}
    for tag, family in sorted(gl.FAMILIES.items()):
        found["Combinators" if issubclass(family, Combinator) else "Families"][tag] = family
    return found


def listed(names: Mapping[str, str], documented: Mapping[str, Any]) -> str:
    """Return a list of pages: the name, and the summary of its docstring."""
    return "\n".join(
        f"- [{names[page]}]({page}.md): {summary(thing)}" for page, thing in documented.items()
    )


def family_page(family: type[Schedule]) -> str:
    """Return the page of one family or combinator."""
    return joined(
        [
            f"# {family.__name__}",
            f"```{{eval-rst}}\n.. autoclass:: glissando.{family.__name__}\n```",
            *([] if issubclass(family, OwnFunction) else formula_section(family)),
            *forms(example_of(family)),
        ]
    )


def formula_section(family: type[Schedule]) -> list[str]:
    """Return the formula as the code computes it, a combinator's parts as letters."""
    ends = "steps" in family.fields and "end" in family.fields
    where = r" \qquad 0 \le t < \mathrm{steps}" if ends else ""
    return ["## Formula", f"```{{math}}\n{formula(family)}{where}\n```"]


def recipes() -> dict[str, str]:
    """Return the pages of the recipes, and their index."""
    known = dict(sorted(gl.recipes.RECIPES.items()))
    pages = {
        name: joined(
            [
                f"# {name}",
                f"```{{eval-rst}}\n.. autofunction:: glissando.recipes.{name}\n```",
                *forms(example_of(recipe)),
                *citations(name),
            ]
        )
        for name, recipe in known.items()
    }
    index = [
        "# Recipes",
        "A recipe is a published schedule, built from families, with its citation. In Python it "
        "is a function in `gl.recipes`; a [text form](../../files.md) and the "
        "[command line](../command-line.md) know it by its name. The [gallery](../gallery.md) "
        "shows their curves.",
        listed({name: name for name in known}, known),
        toctree(pages),
    ]
    return pages | {"index": joined(index)}


def citations(name: str) -> list[str]:
    """Return the section with a recipe's BibTeX entries, if it has any."""
    entries = gl.recipes.citation(name)
    return ["## Citation", *(f"```bibtex\n{entry}\n```" for entry in entries)] if entries else []


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


def forms(example: Schedule) -> list[str]:
    """Return a schedule's picture and its forms: Python, text and JSON."""
    return [
        "## Picture",
        f"```{{raw}} html\n{svg(example)}\n{design_link(example, '../../')}\n```",
        f"```python\n{example!r}\n```",
        "## In text and JSON",
        f"```text\n{example}\n```",
        f"```json\n{gl.dumps(example)}\n```",
    ]
