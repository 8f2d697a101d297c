"""Every link leads somewhere, nothing comes from the network, and little is far from the start."""

import re
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

ALLOWED = re.compile(
    r"https://(arxiv\.org/abs/\d{4}\.\d{4,5}|docs\.ray\.io|doi\.org/\S+|"
    r"(www\.sphinx-doc\.org/|pradyunsg\.me|github\.com/pradyunsg/furo))"
)
"""Where links may lead outside; those of the last group are the theme's own."""


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def anchors(page: Path) -> set[str]:
    return {unescape(name) for name in re.findall(r'\bid="([^"]*)"', text_of(page))}


def links(page: Path) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a\b[^>]*? href="([^"]*)"', text_of(page))]


def test_every_link_leads_to_a_page_and_an_anchor_that_are_there(pages: Path) -> None:
    broken = []
    for page in pages.rglob("*.html"):
        for link in set(links(page)):
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            name = unquote(parts.fragment)
            designs = target.name == "designer.html"  # whose fragment is a design
            found = target.exists() and (not name or designs or name in anchors(target))
            if not found and (target.name, name) != ("search.html", ""):
                broken.append(f"{page.relative_to(pages)}: {link}")
    assert not broken, "\n".join(sorted(broken))


def test_links_that_lead_outside_are_of_known_places(pages: Path) -> None:
    outside = {link for page in pages.rglob("*.html") for link in links(page) if ":" in link}
    assert {link for link in outside if not ALLOWED.fullmatch(link)} == set()


def test_nothing_is_loaded_from_the_network(pages: Path) -> None:
    for page in pages.rglob("*.html"):
        tags = re.findall(r"<(?:script|link|img|iframe|source|object|video)\b[^>]*>", text_of(page))
        loaded = [
            tag for tag in tags if re.search(r'\b(?:src|href|data|srcset)="(https?:)?//', tag)
        ]
        assert not loaded, page
    for sheet in pages.rglob("*.css"):
        loaded = re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", text_of(sheet))
        assert not loaded, sheet
