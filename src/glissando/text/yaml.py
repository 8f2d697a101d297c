"""YAML as plain values: only what its versions read alike, and nothing that runs or grows."""

import re
from typing import Any, TypeAlias

from glissando.errors import ScheduleError, shown
from glissando.rules import MAX_NESTING

PREFIX = "tag:yaml.org,2002:"

WHOLE = re.compile(r"[-+]?(0|[1-9]\d*(_\d+)*)")
REAL = re.compile(r"[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
OTHER_BASE = re.compile(r"[-+]?(0[\d_]+|0[xXbBoO][\da-fA-F_]+|\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?)")
"""Octal, hexadecimal and binary numbers, and those in base 60: 1:30 is 90 in YAML 1.1."""

MAYBE_TRUE = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")

WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

KINDS = {"null": (type(None),), "bool": (bool,), "int": (int,), "float": (int, float)}
"""What a tag may stand before."""


class Scalar:
    """A number, a word or a text as it is written."""

    def __init__(self, text: str, tag: str | None, plain: bool) -> None:
        self.text = text
        self.tag = tag
        self.plain = plain


class Collection:
    """A list, or a mapping whose members are keys and values in turn."""

    def __init__(self, kind: str, tag: str | None) -> None:
        self.kind = kind
        self.tag = tag
        self.members: list[Node] = []


Node: TypeAlias = Scalar | Collection


def read(text: str) -> Node:
    """Return the one document in a text; what is behind an alias is in it once, however often.

    Raises:
        ScheduleError: it is nested too deep.
        ValueError: it is no YAML.
    """
    import yaml

    document: Node = Scalar("", None, plain=True)
    open_: list[Collection] = []
    anchors: dict[str, Node] = {}
    documents = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            node: Node
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise ValueError(f"there is no anchor &{event.anchor}")
                node = anchors[event.anchor]
            elif isinstance(event, yaml.ScalarEvent):
                node = Scalar(event.value, event.tag, plain=event.implicit[0])
            elif isinstance(event, yaml.SequenceStartEvent):
                node = Collection("seq", event.tag)
            elif isinstance(event, yaml.MappingStartEvent):
                node = Collection("map", event.tag)
            else:
                if isinstance(event, yaml.CollectionEndEvent):
                    open_.pop()
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1:
                    raise ValueError("it holds several documents, and must hold one")
                continue
            if open_:
                open_[-1].members.append(node)
            else:
                document = node
            if isinstance(event, yaml.AliasEvent):
                continue
            if event.anchor:
                anchors[event.anchor] = node
            if isinstance(node, Collection):
                open_.append(node)
                if len(open_) > MAX_NESTING:
                    raise ScheduleError("not a schedule in YAML: nested too deep")
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # libyaml has a limit of its own
            raise ScheduleError("not a schedule in YAML: nested too deep") from None
        raise ValueError(str(error)) from None
    return document


def inside(node: Node) -> Any:
    """Return the nodes in a node: a list, a dictionary by name, or the node itself.

    A mapping has those of the mappings that it merges by `<<`, too.
    """
    if isinstance(node, Scalar):
        return node
    if node.kind == "seq":
        return node.members
    found: dict[str, Node] = {}
    waiting: list[Node] = [node]
    met: set[Node] = {node}
    for mapping in waiting:  # which grows by what is merged
        if not isinstance(mapping, Collection) or mapping.kind != "map":
            raise ScheduleError("`<<` must merge mappings")
        own: set[str] = set()
        for key, value in zip(mapping.members[::2], mapping.members[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise ScheduleError("a key must be text, got a list or a mapping")
            if key.text in own:
                raise ScheduleError(f"field {shown(key.text)} is given twice")
            own.add(key.text)
            if key.text != "<<" or not key.plain:
                found.setdefault(key.text, value)
                continue
            for other in _listed(value):
                if other not in met:
                    met.add(other)
                    waiting.append(other)
    return found


def _listed(node: Node) -> list[Node]:
    return node.members if isinstance(node, Collection) and node.kind == "seq" else [node]


def plain(node: Node) -> Any:
    """Return a node as dictionaries, lists and plain values.

    Raises:
        ScheduleError: it could mean two things, has a tag of a program's own, or stands in it
            twice: that could make a short text a schedule of endless size.
    """
    met: set[Node] = set()

    def value(node: Node) -> Any:
        if node in met:
            raise ScheduleError("YAML aliases (*name) are not read; write the part out")
        met.add(node)
        if isinstance(node, Scalar):
            return _scalar(node)
        if node.tag not in (None, "!", PREFIX + node.kind):
            raise _unknown(node.tag)
        members = inside(node)
        if node.kind == "seq":
            return [value(member) for member in members]
        return {name: value(member) for name, member in members.items()}

    return value(node)


def _scalar(node: Scalar) -> Any:
    """Return what a scalar means."""
    text, kind = node.text, (node.tag or "").removeprefix(PREFIX)
    if kind in ("str", "!") or (not kind and not node.plain):
        return text
    if kind and kind not in KINDS:
        raise _unknown(node.tag)
    found = _meaning(text)
    if kind and type(found) not in KINDS[kind]:
        raise ScheduleError(f"{shown(text)} is nothing for the tag !!{kind}")
    return float(found) if kind == "float" else found


def _meaning(text: str) -> Any:
    """Return what a text without quotes means."""
    if text in WORDS:
        return WORDS[text]
    if len(text) <= 400 and WHOLE.fullmatch(text):  # as long as any float is
        return int(text)
    if OTHER_BASE.fullmatch(text):
        raise ScheduleError(
            f"{shown(text)} is another number in base 2, 8, 16 or 60; write numbers in decimal, "
            "without zeros before them, and text in quotes"
        )
    if REAL.fullmatch(text) or INFINITE.fullmatch(text):
        return float(text.replace(".", "") if INFINITE.fullmatch(text) else text)
    if MAYBE_TRUE.fullmatch(text):
        raise ScheduleError(
            f"{shown(text)} is true or false in YAML 1.1, and text in YAML 1.2; write true or "
            "false, or text in quotes"
        )
    return text


def _unknown(tag: str | None) -> ValueError:
    name = str(tag)
    short = f"!!{name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else name
    return ValueError(f"the tag {shown(short)} is not read")


def write(document: dict[str, Any]) -> str:
    """Return a document as YAML, in which text that `read` would take for a number is in quotes."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Knows the numbers of YAML 1.2, too."""

    numbers = re.compile(rf"^(?:{REAL.pattern}|{OTHER_BASE.pattern})$")
    Dumper.add_implicit_resolver(f"{PREFIX}float", numbers, list("-+0123456789."))
    return yaml.dump(document, Dumper=Dumper, sort_keys=False)
