"""The page of messages finds what users paste."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import glissando as gl


def raised(cause: Callable[[], object]) -> str:
    """Return the message of what is raised or warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            cause()
        except (ValueError, TypeError, UserWarning) as error:
            return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was raised")


RISING = gl.Linear(0.0, 0.1, steps=3)

MESSAGES = {
    "a rule": (lambda: gl.Tanh(0.1, 0.0, 10, low=0.0, high=0.001), "0.01 or more above"),
    "a combinator": (lambda: RISING.clip(0.2, 0.1), "at most `ceiling`"),
    "a step": (lambda: RISING(-1), "from 0 to 2**53"),
    "a duration": (lambda: gl.duration("soon"), "with its unit"),
    "a plan": (lambda: gl.plan(epochs=2), "the size of the data set"),
    "a file": (lambda: gl.load("rate.txt"), "the suffix must be"),
    "a dialect": (
        lambda: gl.dialects.torch.OneCycleLR(max_lr=0.1),
        "either `total_steps` or `epochs` and `steps_per_epoch`",
    ),
    "lint": (lambda: (_ for _ in ()).throw(ValueError(gl.lint(RISING)[0].message)), "rate 0"),
}
"""What makes a message, and words of the message that the page is to find first."""


def test_pasted_messages_are_found(pages: Path, browser: Browser) -> None:
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto((pages / "generated/messages.html").as_uri())
    first = {}
    for name, (cause, _) in MESSAGES.items():
        tab.get_by_label("A message").fill(raised(cause))
        first[name] = tab.locator("#find-message .message").first.inner_text()
    context.close()
    assert {n: first[n] for n, (_, words) in MESSAGES.items() if words not in first[n]} == {}


@pytest.mark.parametrize(
    "words",
    [
        "Keep one owner, or pass on_conflict=",
        "Pass on_mismatch=",
        "the rate jumps from",
        "groups='relative'",
        "a schedule on a plateau needs `monitor`",
    ],
)
def test_errors_warnings_and_findings_of_every_room_are_listed(pages: Path, words: str) -> None:
    text = (pages / "generated/messages.html").read_text().replace("&#x27;", "'")
    assert words in text
