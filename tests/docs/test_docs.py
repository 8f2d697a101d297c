"""The documentation is built without a warning, and nothing is missing in it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import glissando as gl
from glissando.cli import COMMANDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("tag", gl.FAMILIES)
def test_every_family_has_a_page(pages: Path, tag: str) -> None:
    page = (pages / f"generated/families/{tag}.html").read_text()
    assert f"<h1>{gl.FAMILIES[tag].__name__}<" in page
    assert 'class="curve"' in page
    assert f'href="{tag}.html"' in (pages / "generated/families/index.html").read_text()


@pytest.mark.parametrize("name", gl.recipes.RECIPES)
def test_every_recipe_has_a_page(pages: Path, name: str) -> None:
    page = (pages / f"generated/recipes/{name}.html").read_text()
    assert 'class="curve"' in page
    for entry in gl.recipes.citation(name):
        key = entry[entry.index("{") + 1 : entry.index(",")]
        assert page.count(key) == 1  # as BibTeX, and not in the docstring again
    assert f'href="{name}.html"' in (pages / "generated/recipes/index.html").read_text()


@pytest.mark.parametrize("peer", gl.dialects.PEERS)
def test_every_dialect_has_a_page(pages: Path, peer: str) -> None:
    page = (pages / f"generated/dialects/{peer}.html").read_text()
    functions = [
        n for n, v in vars(getattr(gl.dialects, peer)).items() if hasattr(v, "__wrapped__")
    ]
    for name in functions:
        if name[0] != "_":
            assert f'id="glissando.dialects.{peer}.{name}"' in page


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_the_page(pages: Path, command: str) -> None:
    page = (pages / "generated/command-line.html").read_text()
    assert f"Usage: glissando {command}" in page


def test_every_pain_is_on_the_page(pages: Path) -> None:
    page = (pages / "evidence.html").read_text()
    numbers = [int(n) for n in re.findall(r"<strong>(\d+)\. ", page)]
    assert numbers == list(range(1, 50))


def test_the_example_of_each_framework_is_short_and_resumes() -> None:
    listed = (ROOT / "docs/evidence.md").read_text().partition("## The rate")[0]
    names = re.findall(r"\((\w+)\.md\)", listed)
    assert len(names) == 9
    for name in names:
        page = (ROOT / f"docs/{name}.md").read_text()
        blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
        program = next(block for block in blocks if re.search(r"# .*another process", block))
        assert len(program.splitlines()) < 40, name


def test_formulas_need_no_script(pages: Path) -> None:
    page = (pages / "generated/families/cosine.html").read_text()
    assert "<math " in page
    assert "merror" not in page


def test_what_is_copied_of_a_session_has_no_prompts_and_no_results(
    pages: Path, browser: Browser
) -> None:
    context = browser.new_context(offline=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto((pages / "index.html").as_uri())
    copied = []
    for button in tab.locator("button.copybtn").all()[:2]:
        button.click(force=True)
        expect(button).to_have_class(re.compile("success"))
        copied.append(tab.evaluate("navigator.clipboard.readText()"))
    context.close()
    assert copied[0] == "pip install glissando"
    assert "rate(250), rate.steps\ngl.save" in copied[1]
