"""The gallery shows everything, and its cards copy, come alive, and open the designer."""

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import glissando as gl


@pytest.fixture(scope="module")
def cards(pages: Path) -> dict[str, str]:
    """The cards as HTML, by the page that each links to."""
    text = (pages / "generated/gallery.html").read_text()
    found = re.findall(r'<article class="schedule".*?</article>', text, re.S)
    links = [re.search(r'<h3><a href="([^"]*)\.html"', card) for card in found]
    return {link[1]: card for link, card in zip(links, found, strict=True) if link}


def test_each_recipe_family_and_combinator_has_a_card(cards: dict[str, str]) -> None:
    recipes = {f"recipes/{name}" for name in gl.recipes.RECIPES}
    assert set(cards) == recipes | {f"families/{tag}" for tag in gl.FAMILIES}
    assert all('<svg class="curve"' in card for card in cards.values())


def test_a_card_has_one_schedule_in_all_its_forms(cards: dict[str, str]) -> None:
    allowed = {"allow_imports": ["math."]}
    for page, card in cards.items():
        text, python = map(unescape, re.findall(r'data-copy="([^"]*)"', card))
        assert f"<code>{escape(text)}</code>" in card
        data = re.search(r'data-schedule="([^"]*)"', card)
        if page == "families/function":
            assert data is None
            continue
        assert data, page
        schedule = gl.from_data(json.loads(unescape(data[1])), **allowed)
        assert eval(python, {"gl": gl}) == schedule
        assert gl.parse(text, **allowed) == schedule


@pytest.fixture
def tab(pages: Path, browser: Browser) -> Iterator[Page]:
    """The gallery, opened as a file, without a network."""
    context = browser.new_context(offline=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    errors: list[object] = []
    tab.on("pageerror", lambda error: errors.append(error))
    tab.goto((pages / "generated/gallery.html").as_uri())
    yield tab
    assert errors == []
    context.close()


def test_a_card_is_copied_changed_and_opened_in_the_designer(tab: Page) -> None:
    card = tab.locator("article.schedule", has=tab.locator('a[href="recipes/wsd.html"]'))
    card.get_by_role("button", name="Copy as Text").click()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert gl.parse(copied) == gl.from_data(json.loads(card.get_attribute("data-schedule") or ""))

    card.get_by_role("button", name="Change").click()
    expect(card).to_have_class("schedule live")
    expect(card.get_by_label("steps").first).to_be_visible()

    card.get_by_role("link", name="designer").click()
    expect(tab.locator(".designer")).to_contain_text("Segments")
    assert tab.url.partition("#")[0].endswith("/designer.html")


def test_without_a_script_the_curves_and_the_texts_are_there(pages: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((pages / "generated/gallery.html").as_uri())
    card = tab.locator("article.schedule").first
    expect(card.locator("svg")).to_be_visible()
    expect(card.locator("code").first).to_be_visible()
    expect(card.locator("button").first).to_be_hidden()
    context.close()
