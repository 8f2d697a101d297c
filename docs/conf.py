"""Sphinx configuration. Nothing here needs a network, neither to build nor to read."""

import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import MockFinder

import glissando

sys.path.insert(0, str(Path(__file__).parent))

from generate import generate
from generate.designer import script
from generate.sources import back_to_docs, defined_in, source_of

project = "Glissando"
author = "The Glissando developers"
version = release = glissando.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "generated/pains.md", "compared/*"]  # parts of other pages
suppress_warnings = ["epub.duplicated_toc_entry"]

add_module_names = False
default_role = "code"  # a name in single backticks in a docstring
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 90
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
# autodoc's own mocks are gone when it looks at base classes, which would load the real Keras
sys.meta_path.insert(0, MockFinder(["keras"]))
napoleon_custom_sections = [("Source", "notes_style")]

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"Glissando {release}"
html_static_path = ["static"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_css_files = ["glissando.css"]
html_copy_source = False
html_show_copyright = False
html_math_renderer = "mathml"


def setup(app: Sphinx) -> None:
    """Generate the reference before reading, and write formulas as MathML."""
    app.connect("autodoc-process-docstring", _without_bibtex, priority=0)
    app.connect("autodoc-process-signature", _plain_types)
    app.connect("html-page-context", _furnish, priority=0)
    app.connect("viewcode-follow-imported", defined_in)
    app.connect("viewcode-find-source", source_of)
    app.connect("html-page-context", back_to_docs)
    app.connect("build-finished", _with_designer)
    app.connect("builder-inited", lambda app: generate(Path(app.srcdir) / "generated"))
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_math, None), block_renderers=(_math, None)
    )


def _plain_types(_app: Sphinx, *event: Any) -> tuple[str | None, str | None]:
    """Return a signature without the rules that its types are annotated with."""
    rules = r"~?\w+\.Annotated\[(.*?)(?:, <[^<>]*>)+\]"
    signature, returned = (part and re.sub(rules, r"\1", part) for part in event[-2:])
    return signature, returned


def _furnish(_app: Sphinx, _page: str, _template: str, context: Any, _tree: Any) -> None:
    """Show of the sidebar the branch that a page is on, and let the keyboard reach all."""

    def branch(**options: Any) -> str:
        shown: str = whole(**options | {"collapse": True})
        return shown.replace('role="heading"', 'role="heading" aria-level="2"')

    whole = context["toctree"]
    context["toctree"] = branch
    # a table that scrolls is reached by the keyboard
    table = '<div class="table-wrapper'
    context["body"] = context.get("body", "").replace(
        table, table.replace("div", 'div tabindex="0"')
    )


def _with_designer(app: Sphinx, failed: Exception | None) -> None:
    if not failed:
        (app.outdir / "_static/designer.js").write_text(script(), encoding="utf-8")


def _without_bibtex(_app: Sphinx, *event: Any) -> None:
    lines: list[str] = event[-1]
    if "Source::" in lines:  # the page has it as a section
        del lines[lines.index("Source::") :]


def _math(translator: Any, node: nodes.Element) -> None:
    # browsers draw MathML themselves: no script to load
    block = isinstance(node, nodes.math_block)
    translator.body.append(tex2mathml(node.astext(), as_block=block))
    raise nodes.SkipNode
