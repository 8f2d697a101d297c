"""YAML as its frameworks read it, with every tag as data."""

from typing import Any

from glissando.errors import ScheduleError
from glissando.text.yaml import PREFIX, REAL, Collection, Node, Scalar
from glissando.text.yaml import read as read_nodes

MAX_NODES = 1_000_000
"""How many values a document may have, those behind an alias counted each time."""

BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read(text: str) -> Any:
    """Return what a document says: dictionaries, lists, numbers, truths, texts, and None.

    A tag of a program's own makes its value a dictionary with "!tag" and "value". As PyYAML, whose
    reading most frameworks use, it takes `yes` as true and the last of two equal keys; other than
    PyYAML, it takes 1e-4 as a number, which those frameworks make of it later.

    Raises:
        ScheduleError: it is nested too deep, or aliases make it endless.
        ValueError: it is no YAML.
    """
    return _Reading().value(read_nodes(text))


class _Reading:
    """Nodes turned into data: what stands behind an alias is made once."""

    def __init__(self) -> None:
        self.made: dict[Node, tuple[Any, int]] = {}
        self.open: set[Node] = set()

    def value(self, node: Node) -> Any:
        return self._made(node)[0]

    def _made(self, node: Node) -> tuple[Any, int]:
        """Return the data of a node, and how many values are in it."""
        if node in self.made:
            return self.made[node]
        if node in self.open:
            raise ScheduleError("a YAML alias (*name) stands inside of what it names")
        self.open.add(node)
        data: Any
        size = 1
        if isinstance(node, Scalar):
            data = scalar(node)
        elif node.kind == "seq":
            members = [self._made(member) for member in node.members]
            data, size = [member for member, _ in members], 1 + sum(size for _, size in members)
        else:
            data, size = self._mapping(node)
        if not isinstance(node, Scalar) and node.tag not in (None, "!", PREFIX + node.kind):
            data = tagged(node.tag, data)
        if size > MAX_NODES:
            raise ScheduleError(f"it may have {MAX_NODES:,} values, got more by YAML aliases")
        self.open.remove(node)
        self.made[node] = data, size
        return data, size

    def _mapping(self, node: Collection) -> tuple[dict[str, Any], int]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        total = 1
        for key, member in zip(node.members[::2], node.members[1::2], strict=True):
            found, size = self._made(member)
            total += size
            if isinstance(key, Scalar) and key.text == "<<" and key.plain:
                for other in found if isinstance(found, list) else [found]:
                    merged = (other if isinstance(other, dict) else {}) | merged
            elif isinstance(key, Scalar):
                own[key.text] = found
            else:
                own[str(self.value(key))] = found
        return merged | own, total


def tagged(tag: str | None, value: Any) -> dict[str, Any]:
    """Return a value with a tag as data: nothing is built of it."""
    name = str(tag)
    return {"!tag": f"!!{name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else name} | {
        "value": value
    }


def scalar(node: Scalar) -> Any:
    """Return what a scalar means."""
    kind = (node.tag or "").removeprefix(PREFIX)
    if kind in ("str", "!") or (not kind and not node.plain):
        return node.text
    if kind in ("", "int", "float", "bool", "null"):
        return meaning(node.text)
    return tagged(node.tag, meaning(node.text))


def meaning(text: str) -> Any:
    """Return the number, the truth or nothing that a text without quotes means, or the text."""
    if text in ("", "~") or text.lower() == "null":
        return None
    if text.lower() in BOOLEANS and (text.islower() or text.istitle() or text.isupper()):
        return BOOLEANS[text.lower()]
    if len(text) <= 400 and REAL.fullmatch(text):  # as long as any float is
        digits = text.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)
    if text.lower() in (".inf", "+.inf", "-.inf", ".nan"):
        return float(text.replace(".", ""))
    return text
