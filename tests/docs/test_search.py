"""What people type leads to the page that tells them, and so do a few clicks.

The pages are opened as files: the search needs no server.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page

TASKS = {
    "resume with a longer horizon": "tasks/resume-longer",
    "coming from OneCycleLR": "tasks/from-onecyclelr",
    "warmup_ratio": "tasks/warmup-ratio",
    "step per epoch": "tasks/step-per-epoch",
    "one-cycle with momentum": "tasks/one-cycle-momentum",
    "log the learning rate to W&B": "tasks/log-wandb",
    "TensorBoard": "tasks/log-tensorboard",
    "MLflow": "tasks/log-mlflow",
    "choose a schedule": "tasks/choose",
    "loss exploded": "tasks/loss-exploded",
}
"""What people look for, and the page that tells it."""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("query", TASKS)
def test_search_finds_the_page_within_three_answers(pages: Path, tab: Page, query: str) -> None:
    tab.goto(f"{(pages / 'search.html').as_uri()}?q={quote(query)}")
    tab.wait_for_selector("#search-results ul.search li")
    first = tab.locator("#search-results ul.search li > a")
    found = [str(first.nth(i).get_attribute("href")) for i in range(min(3, first.count()))]
    assert any(f"{TASKS[query]}.html" in link for link in found), found


def test_the_pages_are_three_clicks_away_at_most(pages: Path) -> None:
    reached = {pages / "index.html"}
    for _ in range(3):
        reached |= {target for page in reached for target in linked(page)}
    assert {pages / f"{task}.html" for task in TASKS.values()} - reached == set()


@cache
def linked(page: Path) -> set[Path]:
    """Return the pages that a page links to."""
    paths = {urlsplit(link).path for link in re.findall(r'href="([^":]+)"', page.read_text())}
    targets = {(page.parent / unquote(path)).resolve() for path in paths if path.endswith(".html")}
    return {target for target in targets if target.exists()}
