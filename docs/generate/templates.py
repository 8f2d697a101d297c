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
    """Yield all messages in the order of files and lines; what is not told in words is left out."""
    seen = set()
    for path in sorted(SOURCE.rglob("*.py")):
        words = constants(path)
        for scope in scopes(parsed(path)):
            for text in told(scope, words):
                if text not in seen and len(re.findall(r"\w\w+", re.sub("⟨.*?⟩", "", text))) >= 3:
                    seen.add(text)
                    yield Message(text, path.relative_to(SOURCE).as_posix())


def scopes(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.Module]:
    """Yield the functions of a file, the inner ones first, and the file itself."""
    inner = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    yield from reversed(inner)
    yield tree


def told(scope: ast.FunctionDef | ast.Module, words: dict[str, str]) -> Iterator[str]:
    """Yield the messages of a function, or of a file outside of functions."""
    words = words | strings(scope, words)
    calls = (node for node in ast.walk(scope) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: node.lineno):
        place = TELL.get(ast.unparse(call.func).rpartition(".")[2])
        if place is not None and len(call.args) > place:
            yield tidy(template(call.args[place], words))


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


def strings(scope: ast.AST, known: dict[str, str]) -> dict[str, str]:
    """Return the texts that names are set to, at the first place where one is set to a text."""
    found: dict[str, str] = {}
    for node in ast.walk(scope) if isinstance(scope, ast.FunctionDef) else scope.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        if isinstance(node.value, ast.Constant | ast.JoinedStr | ast.BinOp):
            text = template(node.value, known | found)
            if re.search(r"\w", re.sub("⟨.*?⟩", "", text)):
                found.setdefault(node.targets[0].id, text)
    return found


def template(node: ast.AST, words: dict[str, str]) -> str:
    """Return what an expression says, as far as it is written down."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.BinOp) and isinstance(getattr(node.right, "value", None), int):
        return template(node.left, words)  # a number
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part, words) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return template(node.value, words)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left, words) + template(node.right, words)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return template(node.left, words)
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
