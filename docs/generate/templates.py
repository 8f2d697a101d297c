"""Finds the messages in the source: a template for each, ⟨so⟩ where something is put in."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import glissando as gl

SOURCE = Path(gl.__file__).parent

TELL = {
    "ScheduleError": 0,
    "ScheduleMismatch": 0,
    "NotRepresentable": 0,
    "MissingFramework": 0,
    "BadParameter": 0,
    "StorageError": 0,
    "TypeError": 0,
    "ImportError": 0,
    "OSError": 1,
    "Finding": 2,
    "react": 1,
    "warn": 0,
}
"""What is called with a message for users, and the place of the message among the arguments."""


class Message(NamedTuple):
    """A message, and the file that it is in."""

    text: str
    file: str


def messages() -> Iterator[Message]:
    """Yield all messages, file by file; what is not told in words is left out."""
    seen = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for text in told(parsed(path), constants(path)):
            if text not in seen and len(re.findall(r"\w\w+", re.sub("⟨.*?⟩", "", text))) >= 3:
                seen.add(text)
                yield Message(text, path.relative_to(SOURCE).as_posix())


def told(scope: ast.FunctionDef | ast.Module, words: dict[str, str]) -> Iterator[str]:
    """Yield the messages of a file or a function, and of the functions in it."""
    words = words | strings(scope, words)
    for node in inside(scope):
        if isinstance(node, ast.FunctionDef):
            yield from told(node, words)
        elif isinstance(node, ast.Call):
            place = TELL.get(ast.unparse(node.func).rpartition(".")[2])
            if place is not None and len(node.args) > place:
                yield tidy(template(node.args[place], words))


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a file or a function, of functions in it nothing but themselves."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, ast.FunctionDef):
            yield from inside(node)


def constants(path: Path) -> dict[str, str]:
    """Return the texts that have a name in a file, its own and those that it imports."""
    found: dict[str, str] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("glissando."):
            other = SOURCE.joinpath(*str(node.module).split(".")[1:]).with_suffix(".py")
            theirs = strings(parsed(other), {}) if other.exists() else {}
            found |= {a.asname or a.name: theirs[a.name] for a in node.names if a.name in theirs}
    return found | strings(parsed(path), found)


@cache
def parsed(path: Path) -> ast.Module:
    """Return what is in a file."""
    return ast.parse(path.read_text())


def strings(scope: ast.FunctionDef | ast.Module, known: dict[str, str]) -> dict[str, str]:
    """Return the texts that names are set to, at the first place where one is set to a text."""
    found: dict[str, str] = {}
    for node in inside(scope):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        if isinstance(node.value, ast.Constant | ast.JoinedStr | ast.BinOp):
            text = template(node.value, known | found)
            if re.search("[A-Za-z]", re.sub("⟨.*?⟩", "", text)):
                found.setdefault(node.targets[0].id, text)
    return found


def template(node: ast.AST, words: dict[str, str]) -> str:
    """Return what an expression says, as far as it is written down."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part, words) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return template(node.value, words)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        number = isinstance(getattr(node.right, "value", None), int)
        return template(node.left, words) + ("" if number else template(node.right, words))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return template(node.left, words)  # a text that is not always there
    if isinstance(node, ast.BoolOp):
        return template(node.values[-1], words)
    if isinstance(node, ast.IfExp):
        return template(node.body, words)
    if isinstance(node, ast.Name) and node.id in words:
        return words[node.id]
    return f"⟨{named(node)}⟩"


def named(node: ast.AST) -> str:
    """Return the name of what is put in."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            return "…"  # a text that joins others
        return named(node.args[0]) if node.args else named(node.func)
    if isinstance(node, ast.Attribute):
        outer = ast.unparse(node)
        return "class" if "__name__" in outer else node.attr.strip("_").replace("_", " ")
    if isinstance(node, ast.Name):
        return node.id.strip("_").replace("_", " ")
    if isinstance(node, ast.Subscript):
        return named(node.value)
    return "…"


def tidy(text: str) -> str:
    """Return a message on one line, without what only hints could follow."""
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"(⟨[^⟩]*⟩)+(?=⟨|$)", lambda found: found[0].split("⟩")[0] + "⟩", text).strip()
