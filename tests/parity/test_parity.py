"""Every schedule of every peer is the dialect's, step by step."""

import re
from functools import cache

import pytest

import glissando as gl
from glissando.dialects import PEERS
from parity import table

SETS = {"keras": 7, "optax": 5}
"""Random sets of arguments for a schedule, where a step takes long; `make parity` has many more."""

every_peer = pytest.mark.parametrize("peer", PEERS)


@cache
def rows(peer):
    """The rows of a peer, which all tests of it look at."""
    return list(table.rows(peer, SETS.get(peer, 15), seed=1))


@every_peer
def test_curves_are_the_peers(peer):
    for row in rows(peer):
        assert table.close(peer, row), row


@every_peer
def test_each_schedule_of_the_peer_has_a_row(peer):
    _, names = table.about(peer)
    assert sorted(row.name for row in rows(peer)) == sorted(names)


@every_peer
def test_the_dialect_has_nothing_that_the_peer_has_not(peer):
    _, names = table.about(peer)
    dialect = getattr(gl.dialects, peer)
    functions = [
        name
        for name, value in vars(dialect).items()
        if getattr(value, "__module__", "") == dialect.__name__ and callable(value)
    ]
    assert {name for name in functions if name[0] != "_"} <= set(names)


@every_peer
def test_the_page_has_the_same_verdicts(peer):
    def verdicts(text):
        return re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.M)

    page = table.page({peer: rows(peer)})
    section = re.search(rf"^## {peer} .*?(?=^## |\Z)", table.PAGE.read_text(), re.M | re.S)
    assert section
    assert verdicts(section[0]) == verdicts(page)
