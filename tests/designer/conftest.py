"""The designer's own module, as pages load it, in an engine without a browser."""

import json
import re

import pytest
from py_mini_racer import MiniRacer

from designer.hand import Hand
from glissando.designer.page import bundle, page


class Module:
    """The functions that the bundle exports, called with and returning plain data."""

    def __init__(self):
        body, exported = re.fullmatch(r"(.*)export\{([^}]*)\};?\s*", bundle(), re.DOTALL).groups()
        pairs = (name.split(" as ") for name in exported.split(","))
        names = ", ".join(f"{pair[-1]}: {pair[0]}" for pair in pairs)
        self.engine = MiniRacer()
        self.engine.eval(f"(() => {{{body}; globalThis.designer = {{ {names} }}; }})()")

    def run(self, code, **given):
        """Return the value of an expression of `designer` and of what is given by name."""
        names = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
        return json.loads(self.engine.eval(f"(() => {{{names} return JSON.stringify({code});}})()"))

    def copied(self, target, schedule):
        """Return what is copied for a target."""
        return self.run("designer.copyAs(target, data)", target=target, data=schedule.to_data())

    def message(self, data):
        """Return the message about bad data, or None."""
        tried = "try { designer.build(data); return null } catch (e) { return e.message }"
        return self.run(f"(() => {{ {tried} }})()", data=data)


@pytest.fixture(scope="session")
def module():
    return Module()


@pytest.fixture
def designer(browser, tmp_path):
    """Return a function that opens the page of some schedules, and gives a hand on it."""
    opened = []

    def open_page(schedules=None, forecast=None, **options):
        file = tmp_path / f"design{len(opened)}.html"
        file.write_text(page(schedules or {}, forecast), encoding="utf-8")
        context = browser.new_context(
            offline=True, permissions=["clipboard-read", "clipboard-write"], **options
        )
        opened.append(Hand(context, file.as_uri()))
        return opened[-1]

    yield open_page
    for hand in opened:
        assert hand.errors == []
        assert all(re.match("file:|blob:|data:", address) for address in hand.asked)
        hand.context.close()
