"""What viewcode does not know of this package: where names are written that stand elsewhere."""

import ast
import posixpath
import re
import sys
from functools import cache
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import undecorate
from sphinx.pycode import ModuleAnalyzer

Tags = dict[str, tuple[str, int, int]]


@cache
def read(module: str) -> tuple[str, Tags] | None:
    """Return a module's source and the lines of its names, those that are only set as well."""
    try:
        analyzer = ModuleAnalyzer.for_module(module)
        tags: Tags = dict(analyzer.find_tags())
    except Exception:  # a mock, or no Python
        return None
    for node in ast.parse(analyzer.code).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            tags.setdefault(node.targets[0].id, ("def", node.lineno, node.end_lineno or 0))
    return analyzer.code, tags


def source_of(_app: Sphinx, module: str) -> tuple[str, Tags] | None:
    """Return what viewcode shows of a module."""
    return read(module)


def defined_in(_app: Sphinx, module: str, path: str) -> str | None:
    """Return the module that a name is written in: some classes say that they are of another."""
    owner = path.partition(".")[0]
    value: Any = sys.modules["glissando"]
    for name in f"{module}.{owner}".split(".")[1:]:
        value = getattr(value, name, None)
    for name, loaded in sorted(sys.modules.items()):
        if name.startswith("glissando.") and undecorate(vars(loaded).get(owner)) is undecorate(
            value
        ):
            known = read(name)
            if known and path in known[1]:
                return name
    return None


def back_to_docs(app: Sphinx, page: str, _template: str, context: Any, _tree: Any) -> None:
    """Let the pages of sources lead back to names as pages have them.

    Viewcode takes all names of a module for those of the first page that has one.
    """
    if not page.startswith("_modules/glissando"):
        return

    def right(link: re.Match[str]) -> str:
        docname = posixpath.normpath(posixpath.join(posixpath.dirname(page), link[2]))
        parts = link[3].split(".")
        tails = (".".join(parts[i:]) for i in range(1, len(parts)))
        found = (places[docname, tail] for tail in tails if (docname, tail) in places)
        return f"{link[1]}{link[2]}.html#{next(found)}"

    places = {
        (entry.docname, ".".join(name.split(".")[i:])): entry.node_id
        for name, entry in app.env.domains.python_domain.objects.items()
        if not entry.aliased
        for i in range(1, name.count(".") + 1)
    }
    back = r'(<a class="viewcode-back" href=")([^"#]*)\.html#([^"]*)'
    context["body"] = re.sub(back, right, context["body"])
